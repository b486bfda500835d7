// One old ledger on its way in: chosen, tried without writing, imported. Apart from the page, so that it can be tested
// without one. While an import runs no other file is taken, so that no second one can begin beside it.
import type {ImportLedgerResponse} from '@gen/station_service_pb';

export interface LedgerFile {
  name: string;
  content: Uint8Array<ArrayBuffer>;
}
export type SendLedger = (file: LedgerFile, dryRun: boolean) => Promise<ImportLedgerResponse>;

export class LedgerImport {
  file: LedgerFile | null = null;  // as it was when it was chosen
  trial: ImportLedgerResponse | null = null;
  result: ImportLedgerResponse | null = null;
  problem = '';
  trying = false;
  importing = false;
  private choice = 0;

  constructor(private readonly send: SendLedger, private readonly why: (error: unknown) => string) {}

  // False: an import is running and the file is not taken. A file that is chosen while another is read or tried replaces it.
  async choose(name: string, read: () => Promise<ArrayBuffer>): Promise<boolean> {
    if (this.importing) return false;
    const one = ++this.choice;
    Object.assign(this, {file: null, trial: null, result: null, problem: '', trying: true});
    const content = await read().catch(() => null);
    if (one !== this.choice) return true;
    if (!content) {
      this.problem = `文件“${name}”读不出来：可能正被别的程序打开，或刚刚改过，请再选一次`;
      this.trying = false;
      return true;
    }
    this.file = {name, content: new Uint8Array(content)};
    const trial = await this.send(this.file, true).catch((error: unknown) => this.fail(one, error));
    if (one !== this.choice) return true;
    this.trial = trial;
    this.trying = false;
    return true;
  }

  // Null: nothing was imported. REQUIRES nothing: without a trial, or beside another import, it does nothing.
  async importNow(): Promise<ImportLedgerResponse | null> {
    if (!this.file || !this.trial || this.trying || this.importing) return null;
    this.importing = true;
    this.problem = '';
    const answer = await this.send(this.file, false).catch((error: unknown) => this.fail(this.choice, error));
    this.importing = false;
    if (answer) this.result = answer;
    return answer;
  }

  private fail(choice: number, error: unknown): null {
    if (choice === this.choice) this.problem = this.why(error);
    return null;
  }
}
