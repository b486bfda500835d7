// Who sits at this page: signed under what is written. Remembered by the browser, changed in the header.
import {ref, watch, type Ref} from 'vue';

const KEY = 'liaison.operator';
let shared: Ref<string> | null = null;

export function useOperator(): Ref<string> {
  if (shared) return shared;
  let remembered = '';
  try {
    remembered = localStorage.getItem(KEY) ?? '';
  } catch {
    remembered = '';
  }
  shared = ref(remembered);
  watch(shared, (name) => {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // A browser without storage forgets the name; nothing else depends on it.
    }
  });
  return shared;
}
