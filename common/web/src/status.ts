// What the header shows, asked quietly every few seconds. A failure changes the header's text and nothing else.
import {onBeforeUnmount, onMounted, reactive, watch} from 'vue';
import type {GetStatusResponse, RunningWork} from '@gen/record_service_pb';
import {errorText, isUnreachable, records} from './api';

export interface Status {
  data: GetStatusResponse | null;  // the last answer; stays when the daemon falls silent
  reachable: boolean;
  problem: string;
  tick: number;      // grows with every answer
  revision: number;  // grows when an answer says that records or lights have moved, for views that follow along
}

const state = reactive<Status>({data: null, reachable: true, problem: '', tick: 0, revision: 0});

export function useStatus(): Status {
  return state;
}

function marks(s: GetStatusResponse | null): string {
  return s ? [s.ops, s.pendingOps, s.conflicts, s.refused, s.linkUp, s.today, s.clock?.trouble, s.clock?.given].join() : '';
}

// Today by the daemon, or '' while its clock is in doubt and nobody has said which day it is.
export function trustedToday(status: Status): string {
  const clock = status.data?.clock;
  return clock?.trouble && !clock.given ? '' : (status.data?.today ?? '');
}

// How far long work is, as `liaison status` says it: 建立索引 3200/50000 条.
export function workText(work: Pick<RunningWork, 'what' | 'unit' | 'done' | 'total'>): string {
  if (work.done === 0n && work.total === 0n) return work.what;
  return `${work.what} ${work.done}${work.total > 0n ? `/${work.total}` : ''} ${work.unit}`;
}

export async function refreshStatus(): Promise<void> {
  try {
    const data = await records.getStatus({}, {timeoutMs: 5_000});
    if (marks(data) !== marks(state.data)) state.revision++;
    state.data = data;
    state.reachable = true;
    state.problem = '';
    state.tick++;
  } catch (error) {
    state.reachable = !isUnreachable(error);
    state.problem = errorText(error);
  }
}

// Calls `reload` when records or lights have moved, and with every answer while something that is shown still waits for
// its receipt: a receipt that comes between two answers leaves no mark in them.
export function useFollowing(reload: () => void, waiting: () => boolean): void {
  let seen = state.revision;
  watch(() => state.tick, () => {
    if (state.revision === seen && !(state.data?.linkUp && waiting())) return;
    seen = state.revision;
    reload();
  });
}

// Called once, by the page's frame. `may`: whether the daemon would answer; else nothing is asked.
export function useStatusPolling(everyMs = 4_000, may: () => boolean = () => true): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const poll = async (): Promise<void> => {
    if (may()) await refreshStatus();
    if (!stopped) timer = setTimeout(poll, everyMs);
  };
  onMounted(poll);
  watch(may, (now) => {
    if (now) void refreshStatus();
  });
  onBeforeUnmount(() => {
    stopped = true;
    clearTimeout(timer);
  });
}
