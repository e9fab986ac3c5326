/** A body as it came, indented if it is JSON. */
export const shownBody = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
};
const MEMBER = /^(\s*)("(?:[^"\\]|\\.)*")(:\s*)(.*)$/;

/** Indented JSON with quiet colours; the line of the wrong field is marked. */
export const Json = ({ text, wrong }: { readonly text: string; readonly wrong: string }) => (
  <pre class="json">
    {text.split('\n').map((line, i) => {
      const [, indent, key, colon, value] = MEMBER.exec(line) ?? [];
      const isWrong = wrong !== '' && key === JSON.stringify(wrong);
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
