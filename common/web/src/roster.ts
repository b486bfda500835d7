// Stations, deputies and categories, loaded once and refreshed when a view asks.
import {reactive} from 'vue';
import {Tier, type Code, type Department, type Deputy, type Station} from '@gen/records_pb';
import {records} from './api';

export interface Roster {
  stations: Station[];
  deputies: Deputy[];
  departments: Department[];
  categories: Code[];
  loaded: boolean;
}

const roster = reactive<Roster>({stations: [], deputies: [], departments: [], categories: [], loaded: false});

export function useRoster(): Roster {
  return roster;
}

export async function loadRoster(): Promise<void> {
  const answer = await records.getRoster({});
  roster.stations = answer.stations;
  roster.deputies = answer.deputies;
  roster.departments = answer.departments;
  roster.categories = topCategories(answer.categories);
  roster.loaded = true;
}

// The first level of the category table, in order of code.
export function topCategories(codes: Code[]): Code[] {
  return codes
    .filter((c) => (c.table === '' || c.table === 'category') && c.parent === '' && !c.retired)
    .sort((a, b) => a.code.localeCompare(b.code));
}

export function stationName(id: string): string {
  return roster.stations.find((s) => s.stationId === id)?.name ?? id;
}

export function deputyName(id: string): string {
  return roster.deputies.find((d) => d.deputyId === id)?.name ?? id;
}

export function categoryName(code: string): string {
  return roster.categories.find((c) => c.code === code)?.name ?? code;
}

export function areas(): Station[] {
  return roster.stations.filter((s) => s.tier === Tier.AREA);
}

// Deputies in the order in which they are likely to sit at a station: its own, those of its area, the others.
export function deputiesFor(stationId: string, all: Deputy[], stations: Station[]): Deputy[] {
  const parent = (id: string): string => stations.find((s) => s.stationId === id)?.parentId ?? '';
  const area = parent(stationId);
  const rank = (d: Deputy): number => {
    if (d.homeStationId === stationId) return 0;
    return area !== '' && (parent(d.homeStationId) === area || d.homeStationId === area) ? 1 : 2;
  };
  return all.map((d, i) => ({d, i, r: rank(d)})).sort((a, b) => a.r - b.r || a.i - b.i).map((x) => x.d);
}

// The category whose keyword stands in the words; '' if none does. The longest keyword wins.
export function suggestCategory(words: string, categories: Code[]): string {
  let best = '';
  let length = 0;
  for (const category of categories) {
    for (const keyword of category.keywords) {
      if (keyword.length > length && words.includes(keyword)) {
        best = category.code;
        length = keyword.length;
      }
    }
  }
  return best;
}
