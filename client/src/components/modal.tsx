import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { ModalOverlay, Modal as Window } from 'react-aria-components/Modal';

export interface ModalProps {
  title: string;
  /** It warns, and is read out at once. */
  isAlert?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** What stands over everything else, for as long as it is rendered. Afterwards the keyboard is back where it was. */
export function Modal({ title, isAlert = false, onClose, children }: ModalProps) {
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={onClose} isDismissable>
      <Window className="card modal">
        <Dialog role={isAlert ? 'alertdialog' : 'dialog'} className="stack">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Window>
    </ModalOverlay>
  );
}
