import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { Button } from './controls.tsx';

export interface ConfirmProps {
  title: string;
  /** What follows from it. */
  text: string;
  yes: string;
  no: string;
  onYes: () => void;
  onClose: () => void;
}

/** Asks before what cannot be undone. The keyboard begins at “no”, and is back where it was afterwards. */
export function Confirm({ title, text, yes, no, onYes, onClose }: ConfirmProps) {
  const carryOut = () => {
    onClose();
    onYes();
  };
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={onClose} isDismissable>
      <Modal className="card modal">
        <Dialog role="alertdialog" className="stack">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <p>{text}</p>
          <div className="row">
            <Button look="danger" onPress={carryOut}>
              {yes}
            </Button>
            <Button autoFocus onPress={onClose}>
              {no}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
