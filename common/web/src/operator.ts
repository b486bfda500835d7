// Who sits at this page: signed under what is written. Whoever has logged in; where nobody has to, the name that was
// typed in the header, remembered by the browser.
import {computed, ref, watch, type ComputedRef, type Ref, type WritableComputedRef} from 'vue';
import {useSession} from './session';

const KEY = 'liaison.operator';
let typed: Ref<string> | null = null;

function typedName(): Ref<string> {
  if (typed) return typed;
  let remembered = '';
  try {
    remembered = localStorage.getItem(KEY) ?? '';
  } catch {
    remembered = '';
  }
  typed = ref(remembered);
  watch(typed, (name) => {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // A browser without storage forgets the name; nothing else depends on it.
    }
  });
  return typed;
}

// The name. Setting it does nothing once somebody has logged in.
export function useOperator(): WritableComputedRef<string> {
  const {state} = useSession();
  const name = typedName();
  return computed({
    get: () => state.me?.name ?? name.value,
    set: (to) => {
      if (!state.me) name.value = to;
    },
  });
}

// What the field `user` of a request says: the account, or the typed name. The daemon refuses anybody else's.
export function useAuthor(): ComputedRef<string> {
  const {state} = useSession();
  const name = typedName();
  return computed(() => state.me?.accountId ?? name.value);
}
