import { isKeyOf } from './json-text.ts';

const MEMBER = /^(\s*)("(?:[^"\\]|\\.)*")(:\s*)(.*)$/;

/** Indented JSON with quiet colours; the line of the wrong field is marked. */
export const Json = ({ text, wrong }: { readonly text: string; readonly wrong: string }) => (
  <pre class="json">
    {text.split('\n').map((line, i) => {
      const [, indent, key, colon, value] = MEMBER.exec(line) ?? [];
      const isWrong = wrong !== '' && key !== undefined && isKeyOf(key, wrong);
      return (
        <span class={`ln ${isWrong ? 'bad' : ''}`} key={`${i} ${line}`}>
          {key === undefined ? (
            line
          ) : (
            <>
              {indent}
              <span class="jk">{key}</span>
              {colon}
              <span class={value?.startsWith('"') ? 'js' : 'jn'}>{value}</span>
            </>
          )}
          {'\n'}
        </span>
      );
    })}
  </pre>
);
