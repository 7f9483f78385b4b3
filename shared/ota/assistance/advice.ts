import type { Connection } from '../../registry/presence.ts';
import { isFinal, isInstalling, isUnderWay, type Update } from '../updates/update.ts';
import { type AssistanceCase, isOpen } from './case.ts';
import { isMadeSafe } from './trouble.ts';

/** What whoever assists may do next, the most pressing first. */
export interface Advice {
  /** `call`, `wait` and `report` are done by people; the others are routes of the case. */
  readonly action: 'tow' | 'retry' | 'cancel' | 'close' | 'call' | 'wait' | 'report';
  readonly because: string;
}

export function adviceFor(one: AssistanceCase, update: Update | undefined, connection: Connection): readonly Advice[] {
  if (!isOpen(one)) return [];
  if (update === undefined) return [{ action: 'close', because: 'Nothing is known of its update any more.' }];
  const { trouble, towedAt } = one;
  if (trouble.safety === 'unsafe-to-drive' && !isUnderWay(update)) return unsafe(update, towedAt !== undefined);
  if (isInstalling(update))
    return [{ action: 'wait', because: 'Its control units are being written: nobody interrupts that.' }];
  if (isMadeSafe(update)) return repaired();
  if (trouble.kind === 'stuck') return stuck(update, connection);
  if (update.state.status !== 'failed') {
    return [
      {
        action: 'wait',
        because: 'It is on its way, or waits for an answer; the case closes by itself when it is installed.',
      },
    ];
  }
  return failed(one);
}

function unsafe({ state }: Update, isTowed: boolean): readonly Advice[] {
  if (!isTowed) {
    return [
      {
        action: 'tow',
        because: 'Neither the old nor the new software runs: it is immobilised and must not be driven.',
      },
      { action: 'call', because: 'Whoever sits in it has to know.' },
    ];
  }
  const close: Advice = { action: 'close', because: 'Where the workshop has repaired it in another way.' };
  if (state.status !== 'failed') return [close];
  return [
    { action: 'retry', because: 'When the control unit that is named answers again, the same update makes it whole.' },
    close,
  ];
}

function repaired(): readonly Advice[] {
  return [
    { action: 'close', because: 'A workshop has made it whole: it may be driven again.' },
    { action: 'retry', because: 'Where it is still to have the software of this update.' },
  ];
}

function stuck(update: Update, { connected }: Connection): readonly Advice[] {
  const call: Advice = connected
    ? {
        action: 'call',
        because: 'It is online and silent: have the driver switch it off and on, or look at its screen.',
      }
    : { action: 'call', because: 'It is not connected: ask where it stands and whether it can be driven.' };
  if (isFinal(update)) return [call, { action: 'retry', because: 'It tells how it stands when it tries again.' }];
  return [
    call,
    { action: 'retry', because: 'It is offered the same again, and begins anew where it had forgotten.' },
    { action: 'cancel', because: 'Where the driver wants to be left alone.' },
  ];
}

function failed({ trouble: { error } }: AssistanceCase): readonly Advice[] {
  switch (error) {
    case 'health':
      return [
        {
          action: 'report',
          because: 'The new software was not healthy on this vehicle, which refuses it from now on.',
        },
        { action: 'close', because: 'It drives on its old software; a repair is another release.' },
      ];
    case 'verification':
    case 'incompatible':
      return [
        {
          action: 'report',
          because: 'What it was given is not what it may install: an attack, or a mistake in the cloud.',
        },
        { action: 'retry', because: 'As soon as the cause is found and gone.' },
      ];
    case 'network':
    case 'storage':
    case 'precondition':
    case 'power':
      return [
        { action: 'call', because: 'Coverage, room, charge and parking are the driver’s to see to.' },
        { action: 'retry', because: 'When that is done; it drives on its old software.' },
      ];
    default:
      return [
        { action: 'retry', because: 'It drives on its old software, and may try once more.' },
        { action: 'close', because: 'Where it is better left as it is.' },
      ];
  }
}
