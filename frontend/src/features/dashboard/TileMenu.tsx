import { PencilLine, Trash2 } from "lucide-react";
import { MenuItem } from "@/ui/Menu";

/** What can be done with a tile on its dashboard, besides what any tile can. */
export function TileMenu({ onEdit, onRemove }: { onEdit: () => void; onRemove: () => void }) {
  return (
    <>
      <MenuItem icon={<PencilLine aria-hidden />} onPick={onEdit}>
        Edit…
      </MenuItem>
      <MenuItem icon={<Trash2 aria-hidden />} onPick={onRemove}>
        Take off the dashboard
      </MenuItem>
    </>
  );
}
