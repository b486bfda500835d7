// The daemon behind this page. Same origin always; the page has no other server.
import {Code, ConnectError, createClient, type Interceptor} from '@connectrpc/connect';
import {createConnectTransport} from '@connectrpc/connect-web';
import {fromJsonString, type DescMessage, type MessageShape} from '@bufbuild/protobuf';
export type {MessageInitShape} from '@bufbuild/protobuf';
import {AccountService} from '@gen/accounts_pb';
import {LoginService} from '@gen/login_pb';
import {PrintService} from '@gen/print_pb';
import {FileService} from '@gen/file_service_pb';
import {HubService} from '@gen/hub_service_pb';
import {RecordService} from '@gen/record_service_pb';
import {DateToConfirmSchema, StationService} from '@gen/station_service_pb';

// What goes with each call once somebody has logged in, and who hears that the daemon did not let it through (session.ts).
export const pass = {
  token: '',
  isIdle: (): boolean => false,  // nobody does anything here: what is asked now, the page asks by itself
  refused: (_token: string): void => undefined,
};
export const TOKEN_HEADER = 'Liaison-Token';

// Logging in itself answers for what it is told; all other calls say here that a login is wanted, or is locked.
export const withPass: Interceptor = (next) => async (request) => {
  const token = pass.token;
  if (token !== '') request.header.set(TOKEN_HEADER, token);
  if (pass.isIdle()) request.header.set('Liaison-Background', '1');
  try {
    return await next(request);
  } catch (error) {
    const {code} = ConnectError.from(error);
    const shut = code === Code.Unauthenticated || code === Code.FailedPrecondition;
    if (shut && request.service.typeName !== LoginService.typeName) pass.refused(token);
    throw error;
  }
};

const transport = createConnectTransport({
  baseUrl: globalThis.location?.origin ?? '',
  interceptors: [withPass],
  useBinaryFormat: false,
  defaultTimeoutMs: 30_000,
});

export const records = createClient(RecordService, transport);
export const files = createClient(FileService, transport);
export const station = createClient(StationService, transport);
export const hub = createClient(HubService, transport);
export const prints = createClient(PrintService, transport);
export const logins = createClient(LoginService, transport);
export const accounts = createClient(AccountService, transport);

// A record as a RecordView carries it; what this page does not know is passed over.
export function readJson<Desc extends DescMessage>(desc: Desc, json: string): MessageShape<Desc> {
  return fromJsonString(desc, json, {ignoreUnknownFields: true});
}

let unreachable = '连不上本机程序，请检查盒子是否通电';

// What a person reads when the daemon does not answer. The hub's page sets its own words.
export function setUnreachableText(text: string): void {
  unreachable = text;
}

// True if no answer of the daemon was seen: whether it acted is unknown, and the same request may be sent again.
export function isUnreachable(error: unknown): boolean {
  const e = ConnectError.from(error);
  if (e.cause instanceof TypeError || error instanceof TypeError) return true;
  const silent = e.code === Code.DeadlineExceeded || e.code === Code.Canceled || e.code === Code.Unavailable;
  return silent && !hasHan(e.rawMessage);
}

// True if the action id is known with other content: an earlier attempt was stored although its answer was lost.
export function isKnownAction(error: unknown): boolean {
  return ConnectError.from(error).code === Code.AlreadyExists;
}

// True if the daemon asks whether a date that lies far back, or ahead of a doubtful clock, is meant.
export function wantsDateConfirmed(error: unknown): boolean {
  return ConnectError.from(error).details.some((d) => 'type' in d && d.type === DateToConfirmSchema.typeName);
}

// The sentence to show: the daemon's own words when it gave any, but for what only the command line can do.
export function errorText(error: unknown): string {
  if (isUnreachable(error)) return unreachable;
  const text = ConnectError.from(error).rawMessage;
  return hasHan(text) ? text.replace('（命令加 --yes）', '') : `程序没有办成这件事（${text || '没有说明'}）`;
}

// For what a view loads by itself: that the daemon is silent is said once, above the view.
export function loadingText(error: unknown): string {
  return isUnreachable(error) ? '' : errorText(error);
}

function hasHan(text: string): boolean {
  return /[\u4e00-\u9fff]/.test(text);
}
