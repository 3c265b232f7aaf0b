/** Empty frames where tiles will be. */
export function DashboardSkeleton() {
  return (
    <div role="status" className="@container">
      <span className="sr-only">Loading the dashboard</span>
      <div aria-hidden className="tile-grid">
        {[0, 3, 6, 9].map((x) => (
          <Frame key={x} x={x} y={0} w={3} h={2} />
        ))}
        <Frame x={0} y={2} w={7} h={4} />
        <Frame x={7} y={2} w={5} h={4} />
      </div>
    </div>
  );
}

function Frame({ x, y, w, h }: { x: number; y: number; w: number; h: number }) {
  const place = {
    "--x": x + 1,
    "--y": y + 1,
    "--w": w,
    "--h": h,
    "--half": w <= 3 ? 3 : 6,
    "--narrow": `${h * 66}px`,
  };
  return (
    <div className="rounded-[11px] border border-line bg-surface/60" style={place as React.CSSProperties} />
  );
}
