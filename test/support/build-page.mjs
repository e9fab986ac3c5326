// Functions import the built page.
import { buildPage } from '../../scripts/page.mjs';

export default () => buildPage();
