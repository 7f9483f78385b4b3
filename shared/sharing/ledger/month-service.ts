import type { Caller } from '../../access/caller.ts';
import type { Page, PageRequest } from '../../kernel/paging.ts';
import type { SharingDoor } from '../setup/acting.ts';
import type { OperatorId } from '../sharing-id.ts';
import { added, sumsOfLine } from './day-sums.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { DaySums, LedgerBook } from './ledger-repository.ts';
import { type MonthAccount, monthAccounts } from './month-account.ts';

export interface MonthPorts {
  readonly book: Pick<LedgerBook, 'sums' | 'lines'>;
  readonly door: Pick<SharingDoor, 'operator'>;
}

/** Lines that are counted again for an answer: above it the sums alone are looked at, which were added up as they came. */
const mostRecounted = 5_000;

/** What an operator's month came to. */
export class MonthService {
  readonly #ports: MonthPorts;

  constructor(ports: MonthPorts) {
    this.#ports = ports;
  }

  async account(caller: Caller, operatorId: OperatorId, month: string) {
    const { door, book } = this.#ports;
    await door.operator(caller, operatorId);
    const days = await book.sums(operatorId, month);
    const again = await this.#recounted(operatorId, month);
    const currencies: readonly MonthAccount[] = monthAccounts(days, again);
    return { currencies, isRecounted: again !== undefined };
  }

  async lines(caller: Caller, operatorId: OperatorId, month: string, page: PageRequest): Promise<Page<LedgerLine>> {
    await this.#ports.door.operator(caller, operatorId);
    return this.#ports.book.lines(operatorId, month, page);
  }

  /** Undefined where there are too many. What is put down between the one look and the other is told as a difference. */
  async #recounted(operatorId: OperatorId, month: string): Promise<readonly DaySums[] | undefined> {
    const found: LedgerLine[] = [];
    let from: string | undefined;
    do {
      const page = await this.#ports.book.lines(operatorId, month, {
        limit: 1_000,
        ...(from !== undefined && { from }),
      });
      found.push(...page.items);
      from = page.next;
      if (found.length > mostRecounted) return undefined;
    } while (from !== undefined);
    return sumsOfLines(found);
  }
}

export function sumsOfLines(lines: readonly LedgerLine[]): readonly DaySums[] {
  const days = new Map<string, DaySums>();
  for (const line of lines) {
    const { day, currency } = line;
    const key = `${day} ${currency}`;
    days.set(key, { day, currency, sums: added(days.get(key)?.sums ?? {}, sumsOfLine(line)) });
  }
  return [...days.values()];
}
