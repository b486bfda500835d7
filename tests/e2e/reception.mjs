// What a person does at a station's page to log a visit.

// Opens a session, unless one is open.
export async function openSession(page) {
  await page.getByTestId('open-session').or(page.getByTestId('words')).first().waitFor();
  if (await page.getByTestId('words').count()) return;
  if (await page.getByTestId('recorder').count()) await page.getByTestId('recorder').fill('周敏');  // else whoever has logged in
  await page.getByTestId('deputy-filter').fill('xy');
  await page.getByTestId('deputy-HK-R001').click();
  await page.getByTestId('open-session').click();
  await page.getByTestId('words').waitFor();
}

// 上报镇, and with nothing said about the visitor: anonymous.
export async function writeVisit(page, words) {
  await page.getByTestId('words').fill(words);
  await page.getByTestId('matter-0-category-02').click();
  await page.getByTestId('matter-0-disposition-3').click();
}
