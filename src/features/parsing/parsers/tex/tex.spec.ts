import { describe, expect, it } from '@jest/globals';
import { parseWith, renderMarkdown } from '../../../../../test/office-files.js';
import { parse } from './tex.js';

const article = (body: string, preamble = '', name = 'article') =>
  `\\documentclass[12pt]{${name}}\n\\usepackage{x}\n${preamble}\n\\begin{document}\n${body}\n\\end{document}\nafter`;
const read = (body: string, preamble = '', name = 'article') =>
  renderMarkdown(parse, Buffer.from(article(body, preamble, name)));

describe('tex', () => {
  it('has its title, people, and sections with the numbers that are printed', async () => {
    const body =
      '\\maketitle\n\\begin{abstract}We pump.\\end{abstract}\n\\section{Flow}\\label{sec:flow} A % a note\n\\subsection[s]{Set \\emph{up}}\nSee \\ref{sec:flow} and \\autoref{sec:oil}.\n\\section*{Thanks}\n\\appendix\n\\section{Oil}\\label{sec:oil}';
    expect(await read(body, '\\title{On \\textbf{pumps}}\\author{A. Roe \\and B. Doe\\thanks{Graz}}')).toBe(
      '# On pumps\n\nA. Roe, B. Doe[^1]\n\n[^1]: Graz\n\n## Abstract\n\nWe pump.\n\n## 1 Flow\n\nA\n\n### 1.1 Set up\n\nSee 1 and Section A.\n\n## Thanks\n\n## A Oil',
    );
    expect(await read('\\chapter{Flow}\\section{Oil}', '', 'book')).toBe('# 1 Flow\n\n## 1.1 Oil');
    expect(await read('\\section{Flow}\\label{f} In \\ref{f}.', '', 'IEEEtran')).toBe('# Flow\n\nIn f.');
  });

  it('leaves comments out, and keeps signs, accents, quotes and dashes as they are printed', async () => {
    const body =
      "50\\,\\% of \\$5 \\& more% gone\n, ``so''---1--2\n%\n{\\\"u}ber Stra\\ss e \\'el\\`eve \\c{c}a \\LaTeX{} ok~now\n\\iffalse never \\fi\\begin{comment}nor this\\end{comment}";
    expect(await read(body)).toBe('50 % of $5 & more, “so”—1–2 über Straße élève ça LaTeX ok now');
    expect(await read('"uber "`so"\'', '\\usepackage[ngerman]{babel}')).toBe('über „so“');
  });

  it('keeps formulas as they are typed, and writes what is only a number or a sign', async () => {
    const body =
      'Let $E = mc^2$ at 10$^{9}$ or $5 \\pm 0.1$ \\SI{3}{\\kilo\\gram} of H$_2$O, \\(k\\).\n\\begin{equation}\\label{e} a = b \\end{equation}\nBy \\eqref{e}: \\[ c \\]';
    expect(await read(body)).toBe(
      'Let $E = mc^2$ at 10^9 or 5 ± 0.1 3 kg of H₂O, $k$.\n\n$$a = b$$ (1)\n\nBy (1):\n\n$$c$$',
    );
  });

  it('makes lists, tables with merged cells, captions, code, notes and links', async () => {
    const list =
      '\\begin{enumerate}\n\\item one\n\\begin{enumerate}\\item sub\\end{enumerate}\n\\item two\n\\end{enumerate}\n\\begin{description}\\item[Oil] thin\\end{description}';
    expect(await read(list)).toBe('1. one\n    - (a) sub\n2. two\n- Oil: thin');
    const numbered = (option: string, more = '') =>
      `\\begin{enumerate}${option}\n${more}\\item a\n\\item b\\end{enumerate}`;
    expect(await read(numbered('[label=(\\roman*), start=3]'))).toBe('- (iii) a\n- (iv) b');
    expect(await read(numbered('[A)]'))).toBe('- A) a\n- B) b');
    expect(await read(numbered('', '\\setcounter{enumi}{4}'))).toBe('5. a\n6. b');
    const table =
      '\\begin{table}[ht]\\caption{Flows}\\label{t}\\begin{tabular}{|l|rr|}\\hline\nPump & \\multicolumn{2}{c|}{Flow} \\\\[2pt] \\cmidrule(lr){2-3}\n\\multirow{2}{*}{North} & 1 & {a & b} \\\\\n & 2 & 3\\% \\\\ \\hline\\end{tabular}\\end{table}\nSee Table~\\ref{t}.';
    expect(await read(table)).toBe(
      'Table 1: Flows\n\n| Pump | Flow | Flow |\n| --- | --- | --- |\n| North | 1 | a b |\n| North | 2 | 3% |\n\nSee Table 1.',
    );
    expect(await read('a\n\\begin{verbatim}\nx {% y\n\\end{verbatim}\nb \\verb|c_d|')).toBe(
      'a\n\n```\nx {% y\n```\n\nb `c_d`',
    );
    expect(
      await read(
        'Leave\\footnote{30 days} \\href{https://example.org/a\\_b}{here}, \\sout{old} \\cite[p.~5]{roe}.',
      ),
    ).toBe('Leave[^1] [here](https://example.org/a_b), ~~old~~ [roe, p. 5].\n\n[^1]: 30 days');
    expect(
      await read(
        'As in \\cite{doe,roe}.\\begin{thebibliography}{9}\\bibitem{roe} Roe.\n\\bibitem{doe} Doe.\\end{thebibliography}',
      ),
    ).toBe('As in [2, 1].\n\n# References\n\n1. Roe.\n2. Doe.');
  });

  it('expands the commands that the document defines', async () => {
    const macros =
      '\\newcommand{\\site}[1]{\\href{https://#1.example.org}{site}}\\newcommand{\\pump}{Valve~7\\xspace}\\newcommand\\both[2]{#2 of #1}\\def\\x{\\pump!}';
    expect(await read('\\pump runs. \\both{oil}{a drop} \\x', macros)).toBe(
      'Valve 7 runs. a drop of oil Valve 7!',
    );
    expect(await read('\\site{oil}', macros)).toBe('[site](https://oil.example.org)');
    expect(await read('a\\x b', '\\def\\x{\\x\\x}')).toContain('a');
  });

  it('says what it shows and refers to, and reads a part without a preamble', async () => {
    const body =
      'Text \\includegraphics[width=2cm]{p} \\input{flow} \\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}';
    const document = await parseWith(parse, Buffer.from(article(body)));
    expect(document.parts[0]?.markdown).toBe('Text');
    expect(document.warnings).toMatchObject([
      { code: 'content_without_text', params: { picture: 2, file: 1 } },
    ]);
    expect(
      await renderMarkdown(
        parse,
        Buffer.from('\\section{Flow}\nText {\\bf bold} \\vspace{1cm}\\vskip 2cm end'),
      ),
    ).toBe('# Flow\n\nText bold end');
  });
});
