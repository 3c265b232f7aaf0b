import { Link, useLocation } from "react-router";
import { PageTop } from "@/widgets/PageTop";

export function NotFound() {
  const { pathname } = useLocation();
  return (
    <>
      <PageTop title="Nothing here" />
      <p className="text-soft">
        There is no page at <code className="font-mono [overflow-wrap:anywhere]">{pathname}</code>.{" "}
        <Link to="/" className="text-accent underline underline-offset-2">
          Go to the first dashboard
        </Link>
      </p>
    </>
  );
}
