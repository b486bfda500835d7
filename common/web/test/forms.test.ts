// The forms as they are drawn: which controls they have, and in which order.
import {create} from '@bufbuild/protobuf';
import {ID_INJECTION_KEY} from 'element-plus/es/hooks/use-id/index';
import {createSSRApp, h, type Component} from 'vue';
import {renderToString} from 'vue/server-renderer';
import {describe, expect, test} from 'vitest';
import {VisitViewSchema} from '@gen/views_pb';
import VisitEdit from '../../../station/web/src/parts/VisitEdit.vue';
import MatterFields from '../../../station/web/src/parts/MatterFields.vue';
import {FIRST_FIELDS, FORM_FIELDS, MORE_FIELDS, blankMatter} from '../../../station/web/src/visit-form';

async function drawn(part: Component, props: object): Promise<string> {
  const app = createSSRApp({render: () => h(part, props as Record<string, unknown>)});
  app.provide(ID_INJECTION_KEY, {prefix: 1, current: 0});
  return renderToString(app);
}
// Texts are over their limit, which the control says: it shows that it holds the text.
const typed = (): Record<string, unknown> =>
  Object.fromEntries(FORM_FIELDS.map((x) => [x.local, x.kind === 'text' ? '字'.repeat(x.limit + 1) : x.blank]));

describe('fields that the schema places', () => {
  test('HaveTheirControlInTheFormOfAVisit', async () => {
    const html = await drawn(MatterFields, {index: 0, count: 1, deputies: [], bad: () => '', modelValue: {...blankMatter(), ...typed()}});
    for (const x of FORM_FIELDS) {
      expect(html).toContain(`data-testid="matter-0-${x.name}${x.kind === 'choice' ? `-${x.choices[0].value}` : ''}"`);
      expect(html).toContain(x.label);
      if (x.kind === 'text') expect(html).toContain(`id="matter-0-${x.name}-over"`);
    }
    expect(html).toMatch(/<legend>性质<\/legend>.*matter-0-nature-1.*意见.*matter-0-nature-6.*表扬/s);
    const places = ['类别', ...FIRST_FIELDS.map((x) => x.label), '处理方式', '更多：', ...MORE_FIELDS.map((x) => x.label)].map((x) => html.indexOf(x));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });
  test('AreFoldedAwayUnderMoreUntilOneIsSaid', async () => {
    const bare = await drawn(MatterFields, {index: 0, count: 1, deputies: [], bad: () => '', modelValue: blankMatter()});
    expect(bare).toMatch(/<details(?![^>]* open)[^>]*matter-0-more/);
    const said = {...blankMatter(), ...typed()};
    expect(await drawn(MatterFields, {index: 0, count: 1, deputies: [], bad: () => '', modelValue: said})).toMatch(/<details open/);
  });
  test('HaveTheirControlInTheEdit', async () => {
    const visit = create(VisitViewSchema, {id: 'v', entry: {headcount: 1}, matters: [{id: 'm', matter: {number: '1号', nature: 2, ...typed()}}]});
    const html = await drawn(VisitEdit, {visit, session: null});
    for (const x of FORM_FIELDS) {
      expect(html).toContain(`data-testid="edit-${x.name}-0${x.kind === 'choice' ? `-${x.choices[0].value}` : ''}"`);
      if (x.kind === 'text') expect(html).toContain(`id="edit-${x.name}-0-over"`);
    }
  });
});
