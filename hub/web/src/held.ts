// What boxes delivered and does not count, by the box that signed it. All calls about it stand here.
import type {RefusedOp} from '@gen/devices_pb';
import {hub} from '@liaison/api';

export interface Box {
  key: string;
  stationName: string;
  nodeId: string;  // '': not known
  ops: RefusedOp[];
}
export interface HeldList {
  boxes: Box[];
  total: number;
  notes: string[];
}
export interface Look {
  text: string;
  shape: string;
  tone: 'open' | 'hot' | 'idle';
  order: number;      // what a person must decide comes first
  mayTake: boolean;
  mayDecline: boolean;
}

// As RefusedKind numbers them; a hub that does not say it knows only the first.
const LOOKS: Record<number, Look> = {
  0: {text: '未采用', shape: '◆', tone: 'hot', order: 2, mayTake: true, mayDecline: false},
  1: {text: '待镇里确认', shape: '▲', tone: 'open', order: 0, mayTake: true, mayDecline: true},
  2: {text: '已退回', shape: '○', tone: 'idle', order: 3, mayTake: true, mayDecline: false},
  3: {text: '已采用，请留意', shape: '●', tone: 'idle', order: 4, mayTake: false, mayDecline: false},
  4: {text: '两处建立', shape: '◆', tone: 'hot', order: 1, mayTake: false, mayDecline: true},
};
const HELD = 1;
interface Judged {
  kind?: number;
  countsNow?: string;
}

const kindOf = (op: RefusedOp): number => (op as Judged).kind ?? 0;
export const lookOf = (op: RefusedOp): Look => LOOKS[kindOf(op)] ?? LOOKS[0];
export const isHeld = (op: RefusedOp): boolean => kindOf(op) === HELD;
export const countsNow = (op: RefusedOp): string => (op as Judged).countsNow ?? '';
// Refused for nothing but that its device was shut out; such are taken together.
export const isOfRevokedDevice = (op: RefusedOp): boolean => kindOf(op) === 0 && op.readable && op.reason.includes('吊销');

// What a person must decide comes first, box by box and within a box; else in the order of the hub.
export function byBox(ops: RefusedOp[]): Box[] {
  const boxes = new Map<string, Box>();
  for (const op of ops) {
    const key = `${op.stationId} ${op.nodeId}`;
    const box = boxes.get(key) ?? {key, stationName: op.stationName || op.stationId, nodeId: op.nodeId, ops: []};
    box.ops.push(op);
    boxes.set(key, box);
  }
  const first = (box: Box): number => Math.min(...box.ops.map((op) => lookOf(op).order));
  for (const box of boxes.values()) box.ops.sort((a, b) => lookOf(a).order - lookOf(b).order);
  return [...boxes.values()].sort((a, b) => first(a) - first(b));
}

export async function loadHeld(): Promise<HeldList> {
  const answer = await hub.listRefused({limit: 500});
  return {boxes: byBox(answer.ops), total: Number(answer.total), notes: answer.notes};
}

// How many wait for a person.
export async function countHeld(): Promise<number> {
  const answer = (await hub.listRefused({limit: 1})) as unknown as {held?: bigint};
  return Number(answer.held ?? 0n);
}

export const takeOne = (op: string): Promise<unknown> => hub.acceptRefused({op});
export const takeAll = (nodeId: string): Promise<unknown> => hub.acceptRefused({nodeId});

type Decline = (what: {op: string} | {nodeId: string}) => Promise<unknown>;
const decline = (hub as unknown as {declineHeld?: Decline}).declineHeld;
export const canDecline = decline !== undefined;
export const declineOne = (op: string): Promise<unknown> => decline!({op});
export const declineAll = (nodeId: string): Promise<unknown> => decline!({nodeId});
