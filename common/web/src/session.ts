// Who has logged in at this page. The token that proves it lies in memory and in the tab's session storage, so that a
// reload stays logged in; tabs of one browser hand it to each other. The cookie beside it is the daemon's, and no script
// sees it.
//
// `owner` is the account whose views are on the page. They stay there, veiled, while the session is locked or was ended
// by the daemon (a restart, another tab): what was typed comes back when the same person logs in again. Another person
// gets views of his own. Where the daemon asks nobody to log in (the folder of an older station) all is open, and nobody's.
import type {Client} from '@connectrpc/connect';
import {onBeforeUnmount, onMounted, reactive} from 'vue';
import {Access_Role} from '@gen/options_pb';
import {SetUpState, type Login, type LoginResponse, type LoginService, type Me} from '@gen/login_pb';
import {TOKEN_HEADER, errorText, logins, pass as ofTheCalls} from './api';

export const HUB = 'HUB';
export const IDLE_MS = 5 * 60_000;
export const TOKEN_KEY = 'liaison.token';
const ASK_TABS_MS = 150;
const TOUCH_EVERY_MS = 5_000;
const BACKGROUND_MS = 10_000;

export interface SessionState {
  known: boolean;    // the daemon has said whether it asks for logins
  required: boolean;
  setUp: SetUpState;
  place: string;     // a station's id, or HUB
  placeName: string;
  people: Login[];
  secretCharacters: number;
  digitsOnly: boolean;
  me: Me | null;     // a locked one too
  locked: boolean;
  choosing: boolean; // locked, and somebody else wants to log in
  owner: string;
  problem: string;   // why the daemon could not be asked
}

// What one tab tells the others of this browser.
type Word =
  | {kind: 'ask'}
  | {kind: 'token'; token: string}
  | {kind: 'active' | 'locked' | 'unlocked' | 'left'; token: string};
export interface Channel {
  postMessage(word: Word): void;
  onmessage: ((event: {data: Word}) => void) | null;
}

export interface Deps {
  logins: Pick<Client<typeof LoginService>, 'getLogin' | 'login' | 'redeem' | 'firstRun' | 'lock' | 'unlock' | 'logout'>;
  pass: {token: string};
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;  // the tab's; null: it forbids it
  now: () => number;  // milliseconds by a clock that nobody sets
}

export class SessionKeeper {
  readonly state = reactive<SessionState>({
    known: false, required: false, setUp: SetUpState.SET_UP_DONE, place: '', placeName: '', people: [], secretCharacters: 6,
    digitsOnly: true, me: null, locked: false, choosing: false, owner: '', problem: '',
  });
  private asking: Promise<void> | null = null;
  private turn = 0;  // of logging in and out; an answer of an earlier turn says nothing any more
  private activeAt: number;
  private toldAt = -TOUCH_EVERY_MS;
  private channel: Channel | null = null;
  private heard: ((token: string) => void) | null = null;

  constructor(private readonly deps: Deps) {
    this.activeAt = deps.now();
  }

  // Whether the views may be seen and used.
  get open(): boolean {
    const {known, required, me, locked} = this.state;
    return known && (!required || (me !== null && !locked));
  }
  // Whether there are views at all, seen or veiled.
  get shown(): boolean {
    return this.state.owner !== '' || this.open;
  }
  has(...roles: Access_Role[]): boolean {
    return this.state.me === null || this.state.me.roles.some((role) => roles.includes(role));
  }

  // Once, when the page opens.
  async start(channel: Channel | null): Promise<void> {
    this.channel = channel;
    if (channel) channel.onmessage = ({data}) => this.hear(data);
    this.deps.pass.token = this.stored() || (await this.askTabs());
    await this.check();
  }

  // Asks the daemon who is logged in. Calls at the same time share one question.
  check(): Promise<void> {
    return (this.asking ??= this.ask().finally(() => (this.asking = null)));
  }

  // These fail with what the daemon says; then nothing has changed.
  async login(accountId: string, secret: string): Promise<void> {
    this.enter(await this.deps.logins.login({accountId, secret}));
  }
  // As login(); whoever is locked out here and is the same gets his session back.
  async unlockOrLogin(accountId: string, secret: string): Promise<void> {
    if (this.state.me?.accountId === accountId) await this.unlock(secret);
    else await this.login(accountId, secret);
  }
  async redeem(accountId: string, code: string, secret: string): Promise<void> {
    this.enter(await this.deps.logins.redeem({accountId, code, secret}));
  }
  async firstRun(setupCode: string, name: string, secret: string): Promise<void> {
    this.enter(await this.deps.logins.firstRun({setupCode, name, secret}));
    this.state.setUp = SetUpState.SET_UP_DONE;
  }
  async unlock(secret: string): Promise<void> {
    const {me} = await this.deps.logins.unlock({secret});
    this.turn++;
    this.state.me = me ?? this.state.me;
    this.show();
    this.tell('unlocked');
  }

  // The page is veiled at once, whether or not the daemon hears of it.
  async lock(choosing = false): Promise<void> {
    if (this.state.me === null) return;
    this.turn++;
    Object.assign(this.state, {locked: true, choosing});
    this.tell('locked');
    await this.deps.logins.lock({}).catch((error: unknown) => (this.state.problem = errorText(error)));
  }

  // The token is forgotten at once: without it nobody goes on, whether or not the daemon hears of it.
  async logout(): Promise<void> {
    const ended = this.deps.logins.logout({}, {headers: {[TOKEN_HEADER]: this.deps.pass.token}});
    this.tell('left');
    this.leave();
    await ended.catch(() => undefined);
    await this.check();
  }

  // Somebody does something here.
  touch(): void {
    this.activeAt = this.deps.now();
    if (this.activeAt - this.toldAt < TOUCH_EVERY_MS) return;
    this.toldAt = this.activeAt;
    this.tell('active');
  }
  // Five minutes without a person lock the page.
  lockIfIdle(): void {
    if (this.state.me && this.open && this.deps.now() - this.activeAt >= IDLE_MS) void this.lock();
  }
  // What is called now is called by the page itself: it must not keep a session open that its person has left.
  get idle(): boolean {
    return this.deps.now() - this.activeAt >= BACKGROUND_MS;
  }
  // A call with this token was not let through.
  refused(token: string): void {
    if (token === this.deps.pass.token) void this.check();
  }

  private async ask(): Promise<void> {
    const turn = this.turn;
    try {
      const answer = await this.deps.logins.getLogin({}, {timeoutMs: 5_000});
      if (turn !== this.turn) return;
      const {required, setUp, place, placeName, people, secretCharacters, digitsOnly} = answer;
      Object.assign(this.state, {known: true, required, setUp, place, placeName, people, secretCharacters, digitsOnly, problem: ''});
      const me = answer.me ?? null;
      Object.assign(this.state, {me, locked: me !== null && answer.locked});
      if (me) {
        this.state.owner = me.accountId;
      } else {
        this.forget();
        if (!required) this.state.owner = '';
      }
      if (!this.state.locked) this.state.choosing = false;
    } catch (error) {
      if (turn === this.turn) this.state.problem = errorText(error);
    }
  }
  private enter({token, me}: LoginResponse): void {
    this.turn++;
    this.deps.pass.token = token;
    try {
      this.deps.storage?.setItem(TOKEN_KEY, token);
    } catch {
      // A full storage: the login ends with a reload.
    }
    this.state.me = me ?? null;
    this.state.owner = me?.accountId ?? '';
    this.show();
  }
  private show(): void {
    Object.assign(this.state, {locked: false, choosing: false, problem: ''});
    this.activeAt = this.deps.now();
  }
  private leave(): void {
    this.turn++;
    this.forget();
    Object.assign(this.state, {me: null, locked: false, choosing: false, owner: ''});
  }
  private forget(): void {
    this.deps.pass.token = '';
    this.deps.storage?.removeItem(TOKEN_KEY);
  }
  private stored(): string {
    return this.deps.storage?.getItem(TOKEN_KEY) ?? '';
  }

  // The token of another tab; '' if none answers.
  private askTabs(): Promise<string> {
    if (!this.channel) return Promise.resolve('');
    return new Promise((resolve) => {
      const end = (token: string): void => {
        this.heard = null;
        clearTimeout(timer);
        if (token !== '') this.deps.storage?.setItem(TOKEN_KEY, token);
        resolve(token);
      };
      const timer = setTimeout(() => end(''), ASK_TABS_MS);
      this.heard = end;
      this.channel?.postMessage({kind: 'ask'});
    });
  }
  private tell(kind: 'active' | 'locked' | 'unlocked' | 'left'): void {
    if (this.deps.pass.token !== '') this.channel?.postMessage({kind, token: this.deps.pass.token});
  }
  private hear(word: Word): void {
    const {token} = this.deps.pass;
    if (word.kind === 'ask') {
      if (token !== '') this.channel?.postMessage({kind: 'token', token});
    } else if (word.kind === 'token') {
      this.heard?.(word.token);
    } else if (word.token === token) {
      if (word.kind === 'active') this.activeAt = this.deps.now();
      if (word.kind === 'unlocked') void this.check();
      if (word.kind === 'left') this.leave();
      if (word.kind === 'locked' && this.state.me) {
        this.turn++;
        this.state.locked = true;
      }
    }
  }
}

// Whether somebody may see all records of the station, and so the words that nobody in particular left behind.
export function seesAll(me: Me | null): boolean {
  return me !== null && me.roles.some((role) => role === Access_Role.OFFICER || role === Access_Role.AREA);
}

function tabStorage(): Storage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}

let ours: SessionKeeper | null = null;
export function useSession(): SessionKeeper {
  ours ??= new SessionKeeper({logins, pass: ofTheCalls, storage: tabStorage(), now: () => performance.now()});
  return ours;
}

const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'];

// Called once, by the page's frame. While nobody is in, the daemon is asked again and again: who may log in may change.
export function useSessionWatch(everyMs = 4_000): void {
  const session = useSession();
  let timer: ReturnType<typeof setInterval> | undefined;
  let channel: BroadcastChannel | null = null;
  const touch = (): void => session.touch();
  onMounted(() => {
    ofTheCalls.refused = (token) => session.refused(token);
    ofTheCalls.isIdle = () => session.idle;
    channel = globalThis.BroadcastChannel ? new BroadcastChannel('liaison.session') : null;
    void session.start(channel as Channel | null);
    for (const sign of SIGNS) window.addEventListener(sign, touch, {passive: true, capture: true});
    timer = setInterval(() => {
      session.lockIfIdle();
      if (!session.open) void session.check();
    }, everyMs);
  });
  onBeforeUnmount(() => {
    clearInterval(timer);
    channel?.close();
    for (const sign of SIGNS) window.removeEventListener(sign, touch, {capture: true});
  });
}
