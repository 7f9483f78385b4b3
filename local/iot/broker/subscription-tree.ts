import type { TopicFilter } from './topic-name.ts';

interface Node<Holder, Value> {
  readonly children: Map<string, Node<Holder, Value>>;
  readonly direct: Map<Holder, Value>;
  readonly shared: Map<string, Map<Holder, Value>>;
}

/** Who wants a topic: every direct holder once per filter, and of each share exactly one. */
export interface Match<Holder, Value> {
  readonly direct: readonly (readonly [Holder, Value])[];
  readonly shares: readonly ReadonlyMap<Holder, Value>[];
}

/**
 * Subscriptions by the levels of their filters. Two rules differ from the standard, as AWS IoT does:
 * `sensor/#` does not match `sensor`, and a first level `#` or `+` does not match topics that begin with `$`.
 */
export class SubscriptionTree<Holder, Value> {
  readonly #root: Node<Holder, Value> = newNode();

  add(filter: TopicFilter, holder: Holder, value: Value): void {
    let node = this.#root;
    for (const level of filter.levels) {
      const next = node.children.get(level) ?? newNode<Holder, Value>();
      node.children.set(level, next);
      node = next;
    }
    if (filter.shareName === undefined) {
      node.direct.set(holder, value);
      return;
    }
    const members = node.shared.get(filter.shareName) ?? new Map<Holder, Value>();
    node.shared.set(filter.shareName, members.set(holder, value));
  }

  remove(filter: TopicFilter, holder: Holder): void {
    removeBelow(this.#root, filter, 0, holder);
  }

  match(topic: string): Match<Holder, Value> {
    const direct: (readonly [Holder, Value])[] = [];
    const shares: ReadonlyMap<Holder, Value>[] = [];
    const collect = (node: Node<Holder, Value> | undefined) => {
      if (node === undefined) return;
      direct.push(...node.direct);
      shares.push(...node.shared.values());
    };
    const levels = topic.split('/');
    const walk = (node: Node<Holder, Value>, depth: number): void => {
      const level = levels[depth];
      if (level === undefined) {
        collect(node);
        return;
      }
      const exact = node.children.get(level);
      if (exact !== undefined) walk(exact, depth + 1);
      if (depth === 0 && level.startsWith('$')) return;
      const anyLevel = node.children.get('+');
      if (anyLevel !== undefined) walk(anyLevel, depth + 1);
      collect(node.children.get('#'));
    };
    walk(this.#root, 0);
    return { direct, shares };
  }
}

function newNode<Holder, Value>(): Node<Holder, Value> {
  return { children: new Map(), direct: new Map(), shared: new Map() };
}

/** Returns whether the node is empty now, so that its parent forgets it. */
function removeBelow<Holder, Value>(
  node: Node<Holder, Value>,
  filter: TopicFilter,
  depth: number,
  holder: Holder,
): boolean {
  const level = filter.levels[depth];
  if (level !== undefined) {
    const child = node.children.get(level);
    if (child !== undefined && removeBelow(child, filter, depth + 1, holder)) node.children.delete(level);
  } else if (filter.shareName === undefined) {
    node.direct.delete(holder);
  } else {
    const members = node.shared.get(filter.shareName);
    members?.delete(holder);
    if (members?.size === 0) node.shared.delete(filter.shareName);
  }
  return node.children.size === 0 && node.direct.size === 0 && node.shared.size === 0;
}
