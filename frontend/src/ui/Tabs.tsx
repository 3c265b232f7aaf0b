import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

export interface TabItem {
  id: string;
  label: string;
  content: ReactNode;
}

interface TabsProps {
  label: string;
  items: TabItem[];
  /** With `onPick`: which one is shown is the caller's to say. */
  value?: string;
  onPick?: (id: string) => void;
}

export function Tabs({ label, items, value, onPick }: TabsProps) {
  const shown = onPick
    ? { value, onValueChange: (id: string) => onPick(id) }
    : { defaultValue: items[0]?.id };
  return (
    <Base.Root {...shown}>
      <Base.List aria-label={label} className="flex gap-4 border-line border-b">
        {items.map((item) => (
          <Base.Tab
            key={item.id}
            value={item.id}
            className="-mb-px border-b-2 border-transparent pb-1.5 text-body text-soft outline-offset-2 hover:text-ink data-active:border-accent data-active:font-medium data-active:text-ink"
          >
            {item.label}
          </Base.Tab>
        ))}
      </Base.List>
      {items.map((item) => (
        <Base.Panel key={item.id} value={item.id} className="pt-3 outline-offset-2">
          {item.content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
