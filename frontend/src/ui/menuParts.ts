import { type ComponentType, createContext, type ReactNode } from "react";

/** What an open menu gives its items: they come with the menu, not with the page. */
export interface MenuParts {
  Item: ComponentType<{ className: string; onClick: () => void; children: ReactNode }>;
  Separator: ComponentType<{ className: string }>;
  RadioGroup: ComponentType<{ value: string; onValueChange: (value: unknown) => void; children: ReactNode }>;
  RadioItem: ComponentType<{ value: string; closeOnClick: boolean; className: string; children: ReactNode }>;
  RadioItemIndicator: ComponentType<{ children: ReactNode }>;
}

export const MenuPartsContext = createContext<MenuParts | null>(null);
