import { Button } from './controls.tsx';
import { Modal } from './modal.tsx';

export interface ConfirmProps {
  title: string;
  /** What follows from it. */
  text: string;
  yes: string;
  no: string;
  onYes: () => void;
  onClose: () => void;
}

/** Asks before what cannot be undone. The keyboard begins at “no”. */
export function Confirm({ title, text, yes, no, onYes, onClose }: ConfirmProps) {
  const carryOut = () => {
    onClose();
    onYes();
  };
  return (
    <Modal title={title} isAlert onClose={onClose}>
      <p>{text}</p>
      <div className="row">
        <Button look="danger" onPress={carryOut}>
          {yes}
        </Button>
        <Button autoFocus onPress={onClose}>
          {no}
        </Button>
      </div>
    </Modal>
  );
}
