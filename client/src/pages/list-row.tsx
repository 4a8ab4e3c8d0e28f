import type { ReactNode } from 'react';

interface ListRowProps {
  title: ReactNode;
  /** For what describes something else by this row. */
  titleId?: string;
  /** Said in quieter words behind the title. */
  facts?: readonly string[];
  /** What can be done with it. */
  children: ReactNode;
}

/** One of a list: what it is, and what can be done with it. */
export function ListRow({ title, titleId, facts = [], children }: ListRowProps) {
  return (
    <li className="list-row">
      <span id={titleId} className="list-title">
        {title}
        {facts.length > 0 && <span className="muted">{facts.map(fact => ` · ${fact}`).join('')}</span>}
      </span>
      {children}
    </li>
  );
}
