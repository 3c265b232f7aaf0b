import { lazy } from "react";
import { Navigate, Route, Routes, useParams } from "react-router";
import { useHome } from "@/api/workspace";
import { DashboardPage } from "@/features/dashboard/DashboardPage";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const DeskPage = lazy(() => import("@/features/desk/DeskPage").then((m) => ({ default: m.DeskPage })));
const MetricsPage = lazy(() =>
  import("@/features/catalog/MetricsPage").then((m) => ({ default: m.MetricsPage })),
);
const DictionaryPage = lazy(() =>
  import("@/features/catalog/DictionaryPage").then((m) => ({ default: m.DictionaryPage })),
);
const RoutingPage = lazy(() =>
  import("@/features/routing/RoutingPage").then((m) => ({ default: m.RoutingPage })),
);
const ReceiptsPage = lazy(() =>
  import("@/features/receipts/ReceiptsPage").then((m) => ({ default: m.ReceiptsPage })),
);
const ReceiptPage = lazy(() =>
  import("@/features/receipts/ReceiptPage").then((m) => ({ default: m.ReceiptPage })),
);

const DraftsPage = lazy(() =>
  import("@/features/drafts/DraftsPage").then((m) => ({ default: m.DraftsPage })),
);

function Dashboard() {
  const { dashboardId = "" } = useParams();
  return <DashboardPage key={dashboardId} dashboardId={dashboardId} />;
}

function Home() {
  const home = useHome();
  return home === null ? null : <Navigate to={home} replace />;
}

const Metrics = () => <MetricsPage metricId={useParams().metricId ?? null} />;
const Dictionary = () => <DictionaryPage table={useParams().table ?? null} />;
const Drafts = () => <DraftsPage draftId={useParams().draftId ?? null} />;
const Receipt = () => <ReceiptPage receiptId={useParams().receiptId ?? ""} />;

/** Every address of the page. */
export function Pages() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Home />} />
        <Route path="d/:dashboardId" element={<Dashboard />} />
        <Route path="desk" element={<DeskPage />} />
        <Route path="catalog/:metricId?" element={<Metrics />} />
        <Route path="routing" element={<RoutingPage />} />
        <Route path="receipts" element={<ReceiptsPage />} />
        <Route path="receipts/:receiptId" element={<Receipt />} />
        <Route path="dictionary/:table?" element={<Dictionary />} />
        <Route path="drafts/:draftId?" element={<Drafts />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
