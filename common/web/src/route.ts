// The page's address after '#': "/name/argument". Record ids hold slashes, so the argument is escaped.
import {onBeforeUnmount, ref, type Ref} from 'vue';

export interface Route {
  name: string;
  argument: string;
}

export function parseRoute(hash: string, home: string): Route {
  const [name, argument = ''] = hash.replace(/^#\/?/, '').split('/', 2);
  try {
    return {name: name || home, argument: decodeURIComponent(argument)};
  } catch {
    return {name: home, argument: ''};
  }
}

export function href(name: string, argument = ''): string {
  return argument ? `#/${name}/${encodeURIComponent(argument)}` : `#/${name}`;
}

export function useRoute(home: string): Ref<Route> {
  const route = ref(parseRoute(location.hash, home));
  const follow = (): void => {
    route.value = parseRoute(location.hash, home);
    window.scrollTo(0, 0);
  };
  window.addEventListener('hashchange', follow);
  onBeforeUnmount(() => window.removeEventListener('hashchange', follow));
  return route;
}
