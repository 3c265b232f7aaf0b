import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

const POPUP =
  "min-w-44 max-w-[calc(100vw-24px)] rounded-lg border border-line bg-surface p-1 text-[13px] shadow-sheet outline-none";
const ITEM =
  "flex items-center gap-2 rounded-md px-2.5 py-1.5 text-ink no-underline outline-none select-none data-highlighted:bg-sunken data-disabled:text-faint [&_svg]:size-3.5 [&_svg]:text-faint";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
}

export function Menu({ trigger, children, align = "end" }: MenuProps) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className="z-50">
          <Base.Popup className={POPUP}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  icon,
  onPick,
  children,
}: {
  icon?: ReactNode;
  onPick: () => void;
  children: ReactNode;
}) {
  return (
    <Base.Item className={ITEM} onClick={onPick}>
      {icon}
      {children}
    </Base.Item>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 border-line border-t" />;
}

interface Choice {
  value: string;
  label: string;
}

export function MenuChoices(props: { value: string; choices: Choice[]; onPick: (value: string) => void }) {
  return (
    <Base.RadioGroup value={props.value} onValueChange={(value) => props.onPick(String(value))}>
      {props.choices.map((choice) => (
        <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={ITEM}>
          <span className="flex-1">{choice.label}</span>
          <Base.RadioItemIndicator>
            <Check aria-hidden />
          </Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}
