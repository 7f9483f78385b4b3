export const handler = async (_event: unknown): Promise<unknown> => {
  throw new Error('No use case is wired yet');
};
