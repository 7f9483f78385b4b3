/**
 * Whoever asks while the answer to the same question is under way gets that one: a batch of a hundred changes reads
 * its campaign once.
 */
export function sharedAnswers<Question, Answer>(ask: (question: Question) => Promise<Answer>) {
  const underWay = new Map<Question, Promise<Answer>>();
  return (question: Question): Promise<Answer> => {
    const known = underWay.get(question);
    if (known !== undefined) return known;
    const answer = ask(question).finally(() => underWay.delete(question));
    underWay.set(question, answer);
    return answer;
  };
}
