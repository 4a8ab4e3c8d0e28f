import { type ComponentType, createContext, type ReactNode, use } from 'react';

interface LinkProps {
  to: string;
  className?: string;
  children: ReactNode;
}

const WholePageLink = ({ to, ...rest }: LinkProps) => <a href={to} {...rest} />;

/** The router's own, on pages that have one. A guest's have none: a link from there loads another page whole. */
export const LinkContext = createContext<ComponentType<LinkProps>>(WholePageLink);

/** A link to another page of ours. */
export function Link(props: LinkProps) {
  const Shown = use(LinkContext);
  return <Shown {...props} />;
}
