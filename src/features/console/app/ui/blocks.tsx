import type { ComponentChildren } from 'preact';
import { Fragment } from 'preact';
import type { Block, Run } from './markdown.js';
import { cutRun, type Mark } from './marks.js';

interface BlocksProps {
  blocks: Block[];
  marks?: Mark[];
  /** Makes something of stretches of text, such as links of `[1]`. */
  renderText?: (text: string) => ComponentChildren;
  /** Headings begin at this level, so that the page keeps one outline. */
  topLevel?: number;
}

const noMarks: Mark[] = [];

/**
 * A Markdown text as elements. Offsets of marks are counted while it is rendered, in the order of the text.
 */
export function Blocks({ blocks, marks = noMarks, renderText = (text) => text, topLevel = 3 }: BlocksProps) {
  let offset = 0;
  let renderedMark = false;

  const renderRun = (run: Run, index: number): ComponentChildren => {
    const { pieces, length } =
      marks.length > 0 ? cutRun(run.text, offset, marks) : { pieces: null, length: 0 };
    offset += length;
    const content = pieces
      ? pieces.map(({ text, mark }, place) => {
          if (!mark) return <Fragment key={place}>{renderText(text)}</Fragment>;
          const first = mark !== 'hit' && !renderedMark;
          if (first) renderedMark = true;
          return (
            <mark key={place} class={mark} data-first={first ? '' : undefined}>
              {text}
            </mark>
          );
        })
      : renderText(run.text);
    if (run.code) return <code key={index}>{content}</code>;
    if (run.struck) return <s key={index}>{content}</s>;
    if (run.bold) return <strong key={index}>{content}</strong>;
    if (run.italic) return <em key={index}>{content}</em>;
    return <Fragment key={index}>{content}</Fragment>;
  };
  const renderRuns = (runs: Run[]) => runs.map(renderRun);

  const renderBlock = (block: Block, key: number): ComponentChildren => {
    switch (block.kind) {
      case 'heading': {
        const Heading = `h${Math.min(6, block.level + topLevel - 1)}` as 'h3';
        return <Heading key={key}>{renderRuns(block.runs)}</Heading>;
      }
      case 'paragraph':
        return <p key={key}>{renderRuns(block.runs)}</p>;
      case 'code':
        return (
          <pre key={key} tabIndex={0}>
            {renderRun({ text: block.text }, 0)}
          </pre>
        );
      case 'quote':
        return <blockquote key={key}>{block.blocks.map(renderBlock)}</blockquote>;
      case 'rule':
        return <hr key={key} />;
      case 'list':
        return block.ordered ? (
          <ol key={key} start={block.start}>
            {block.items.map((item, index) => (
              <li key={index}>{renderItem(item)}</li>
            ))}
          </ol>
        ) : (
          <ul key={key}>
            {block.items.map((item, index) => (
              <li key={index}>{renderItem(item)}</li>
            ))}
          </ul>
        );
      case 'table':
        return renderTable(block, key);
    }
  };
  const renderItem = (item: Block[]): ComponentChildren => {
    const [first, ...others] = item;
    // a list of short items reads better without paragraphs inside
    return first?.kind === 'paragraph'
      ? [renderRuns(first.runs), others.map(renderBlock)]
      : item.map(renderBlock);
  };
  const renderTable = ({ header, rows }: Extract<Block, { kind: 'table' }>, key: number) => (
    <div key={key} class="text-table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {header.map((cell, index) =>
              // a column without a title has no head: an empty one would be read out as such
              cell.length === 0 ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col">
                  {renderRuns(cell)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, index) => (
                <td key={index}>{renderRuns(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );

  return <>{blocks.map(renderBlock)}</>;
}
