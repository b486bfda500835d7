// What the page of accounts offers: which roles there are at a place, whom a search finds, and the words for taking a right
// away. What is allowed the hub says (common/rules/people).
import type {AccountRow, PlaceRow, RightRow} from '@gen/accounts_pb';
import {Access_Role, Access_RoleSchema} from '@gen/options_pb';
import {RevokedHow, RevokedHowSchema} from '@gen/people_pb';
import {Tier, type Station} from '@gen/records_pb';
import {labelOf} from '@liaison/labels';
import {nameFits} from '@liaison/pinyin';
import {HUB} from '@liaison/session';

export interface RoleChoice {
  role: Access_Role;
  label: string;
}

const AT_HUB = [Access_Role.CLERK, Access_Role.CHAIR, Access_Role.HANDLER, Access_Role.COUNTY, Access_Role.ADMIN];

export function rolesAt(place: string, stations: Station[]): RoleChoice[] {
  const tier = stations.find((s) => s.stationId === place)?.tier;
  const area = tier === Tier.AREA || tier === Tier.CENTER ? [Access_Role.AREA] : [];
  const roles = place === HUB ? AT_HUB : place === '' ? [] : [Access_Role.OFFICER, Access_Role.DEPUTY, ...area];
  return roles.map((role) => ({role, label: labelOf(Access_RoleSchema, role)}));
}

export interface Filter {
  query: string;   // a name, its initials, or an account
  place: string;   // '': all
  withEnded: boolean;
}

export function accountsShown(accounts: AccountRow[], filter: Filter): AccountRow[] {
  const query = filter.query.trim();
  return accounts.filter((a) =>
    (filter.withEnded || !a.ended) && (filter.place === '' || a.rights.some((r) => r.place === filter.place && !r.revoked)) &&
    (nameFits(a.name, query) || a.accountId.includes(query.toUpperCase())));
}

export function rightText(right: RightRow): string {
  return `${right.placeName} · ${labelOf(Access_RoleSchema, right.role)}${right.unitName ? `（${right.unitName}）` : ''}`;
}
// "离任 2026-11-20", of a right that was taken away.
export function revokedText(right: RightRow): string {
  return `${labelOf(RevokedHowSchema, right.how)} ${right.revokedDate}`.trim();
}

// The two ways in which a right ends, each with what becomes of what that person wrote.
export const REVOKING = [
  {how: RevokedHow.REVOKED_LEFT, label: '离任', text: '正常交接：收回以前写的都算数，他还不知道收回时写下、后来才送到的也算数，只是标出来。'},
  {how: RevokedHow.REVOKED_DOUBT, label: '存疑', text: '有疑问：已经收到的仍算数，他还不知道收回时写下、后来才送到的先放着，由镇里一条一条确认。'},
];

// Where a code can be made for somebody: the places with a live right.
export function placesOf(account: AccountRow): {place: string; placeName: string}[] {
  const live = account.rights.filter((r) => !r.revoked);
  return live.filter((r, i) => live.findIndex((other) => other.place === r.place) === i).map(({place, placeName}) => ({place, placeName}));
}

export interface PlaceGroup {
  label: string;
  places: PlaceRow[];
}
// Places for a list to choose from: the township first, then each area with its points.
export function placeGroups(places: PlaceRow[], stations: Station[]): PlaceGroup[] {
  const byId = new Map(stations.map((s) => [s.stationId, s]));
  const groups = new Map<string, PlaceGroup>();
  const add = (key: string, label: string, place: PlaceRow): void => {
    const group = groups.get(key) ?? {label, places: []};
    group.places.push(place);
    groups.set(key, group);
  };
  for (const place of [...places].sort((a, b) => Number(b.place === HUB) - Number(a.place === HUB))) {
    const station = byId.get(place.place);
    const head = station?.tier === Tier.POINT ? byId.get(station.parentId) : station;
    if (place.place === HUB) add(HUB, '镇里', place);
    else add(head?.stationId ?? '', head?.publicName || head?.name || '其他站点', place);
  }
  return [...groups.values()];
}
