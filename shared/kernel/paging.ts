/** One page of a longer list. A page may be short, even empty, and still have a next one. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins, in the words of whoever made this one. Absent: the list ends here. */
  readonly next?: string;
}

export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before. */
  readonly from?: string;
}
