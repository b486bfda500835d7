// Voids a visit with its matters, or takes that back. Each record is an aggregate of its own and is asked for anew, so
// that the tokens are fresh and a retry after a failure goes on where it stopped.
import type {VisitView} from '@gen/views_pb';
import {newActionId} from '@liaison/action';
import {records, station} from '@liaison/api';

export async function setVoided(id: string, voided: boolean, reason: string, user: string): Promise<VisitView | null> {
  const read = async (): Promise<VisitView | null> => (await station.getVisit({id})).visit ?? null;
  const write = (record: string, token: string): Promise<unknown> =>
    records.voidRecord({actionId: newActionId(), id: record, token, reason, takeBack: !voided, user});
  const before = await read();
  if (before && before.voided !== voided) await write(id, before.token);
  const after = await read();
  for (const matter of after?.matters ?? []) {
    if (matter.voided !== voided) await write(matter.id, matter.token);
  }
  return read();
}
