import { Sentence } from '../status/sentence.tsx';
import { Exclusions } from './exclusions.tsx';
import { Flow } from './flow.tsx';
import { Generations } from './generations.tsx';
import { Horizon } from './horizon.tsx';
import { Lag } from './lag.tsx';

/** How the system does, and what an operator may do. */
export const Operations = () => (
  <div class="page wide">
    <h1 class="vh">Operations</h1>
    <Sentence />
    <section class="panel" aria-label="The way of an event">
      <div class="ph">
        <h2>One log, two ways, one answer</h2>
      </div>
      <Flow />
    </section>
    <div class="two">
      <Lag />
      <Horizon />
    </div>
    <Generations />
    <Exclusions />
  </div>
);
