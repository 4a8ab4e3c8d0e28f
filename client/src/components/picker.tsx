import { Button } from 'react-aria-components/Button';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { Icon } from './icon.tsx';

export interface PickerProps {
  label: string;
  options: readonly { id: string; label: string }[];
  selected: string;
  /** Read out only: what stands beside it says what it is. */
  isLabelHidden?: boolean;
  onChoose: (id: string) => void;
}

export function Picker({ label, options, selected, isLabelHidden = false, onChoose }: PickerProps) {
  return (
    <Select
      className="field"
      selectedKey={selected}
      onSelectionChange={key => key !== null && onChoose(String(key))}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : 'react-aria-Label'}>{label}</Label>
      <Button className="input picker">
        <SelectValue>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="chevron" />
      </Button>
      <Popover className="popover picker-list">
        <ListBox items={options}>
          {option => (
            <ListBoxItem id={option.id} textValue={option.label} className="picker-option">
              <span>{option.label}</span>
              <Icon name="check" />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
