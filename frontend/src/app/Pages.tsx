import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation, useParams } from "react-router";
import { DashboardPage } from "@/features/dashboard/DashboardPage";
import { PATHS } from "./address";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import { useHome } from "./useHome";

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
const BeginPage = lazy(() => import("@/features/begin/BeginPage").then((m) => ({ default: m.BeginPage })));
const AuditPage = lazy(() => import("@/features/audit/AuditPage").then((m) => ({ default: m.AuditPage })));
const WaitingPage = lazy(() =>
  import("@/features/waiting/WaitingPage").then((m) => ({ default: m.WaitingPage })),
);
const AlertsPage = lazy(() =>
  import("@/features/alerts/AlertsPage").then((m) => ({ default: m.AlertsPage })),
);
const JoinPage = lazy(() => import("@/features/sign-in/JoinPage").then((m) => ({ default: m.JoinPage })));

/** Not in what is served: samples of every tile, for whoever works on them and for the tests that look at them. */
const StatesPage = import.meta.env.DEV
  ? lazy(() => import("@/states/StatesPage").then((m) => ({ default: m.StatesPage })))
  : null;

function Dashboard() {
  const { dashboardId = "" } = useParams();
  return <DashboardPage key={dashboardId} dashboardId={dashboardId} />;
}

function Home() {
  const home = useHome();
  const { search } = useLocation();
  return home === null ? null : <Navigate to={home + search} replace />;
}

const Metrics = () => <MetricsPage metricId={useParams().metricId ?? null} />;
const Dictionary = () => <DictionaryPage table={useParams().table ?? null} />;
const Drafts = () => <DraftsPage draftId={useParams().draftId ?? null} />;
const Begin = () => <BeginPage surveyId={useParams().surveyId ?? null} />;
const Receipt = () => <ReceiptPage receiptId={useParams().receiptId ?? ""} />;

const Join = () => (
  <Suspense fallback={null}>
    <JoinPage />
  </Suspense>
);

/** Every address of the page. */
export function Pages() {
  return (
    <Routes>
      <Route path={PATHS.join} element={<Join />} />
      {StatesPage && <Route path="/_states" element={<StatesPage />} />}
      <Route element={<Shell />}>
        <Route index element={<Home />} />
        <Route path={PATHS.dashboard} element={<Dashboard />} />
        <Route path={PATHS.desk} element={<DeskPage />} />
        <Route path={PATHS.catalog} element={<Metrics />} />
        <Route path={PATHS.routing} element={<RoutingPage />} />
        <Route path={PATHS.receipts} element={<ReceiptsPage />} />
        <Route path={PATHS.receipt} element={<Receipt />} />
        <Route path={PATHS.dictionary} element={<Dictionary />} />
        <Route path={PATHS.drafts} element={<Drafts />} />
        <Route path={PATHS.begin} element={<Begin />} />
        <Route path={PATHS.audit} element={<AuditPage />} />
        <Route path={PATHS.waiting} element={<WaitingPage />} />
        <Route path={PATHS.alerts} element={<AlertsPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
