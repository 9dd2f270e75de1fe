import { analysis, methods } from './analysis/words';
import { assess } from './assess/words';
import { emergencyWords } from './emergency/words';
import { explain } from './explain/words';
import { adminWords } from './admin/words';
import { publicWords } from './public/words';
import { screenWords } from './screen/words';
import { accountWords } from './account/words';
import { caseWords } from './cases/words';
import { findingWords } from './findings/words';
import { peopleWords } from './people/words';
import { phoneWords } from './phone/words';
import { reports } from './reports/words';
import { riverWords } from './rivers/words';

/** Words of all other pages: a chunk of its own, asked for at once and waited for by those pages. */
export const rest = {
  ...analysis,
  ...methods,
  ...assess,
  ...emergencyWords,
  ...explain,
  ...adminWords,
  ...publicWords,
  ...screenWords,
  ...accountWords,
  ...caseWords,
  ...findingWords,
  ...peopleWords,
  ...phoneWords,
  ...reports,
  ...riverWords,
} as const satisfies Record<string, { zh: string; en: string }>;
