import { problemOf } from "@/api/problem";
import { useReportTried } from "@/api/reports";
import type { Report, ReportFile } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { downloadFile } from "@/ui/download";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";

interface ReportPreviewProps {
  report: Report;
  open: boolean;
  onClose: () => void;
}

function save({ name, media_type, content }: ReportFile) {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  downloadFile(name, new Blob([bytes], { type: media_type }));
}

/** The mail as whoever looks would get it now, and the files that would go with it. Nothing is sent. */
export function ReportPreview({ report, open, onClose }: ReportPreviewProps) {
  const tried = useReportTried(open ? report.report_id : null);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`${report.label}, as you would get it now`}
      large
      footer={tried.data?.files.map((each) => (
        <Button key={each.name} onClick={() => save(each)}>
          {each.name}
        </Button>
      ))}
    >
      {tried.error ? (
        <div className="p-4">
          <Trouble sentence={problemOf(tried.error).detail} mend={problemOf(tried.error).mend} />
        </div>
      ) : !tried.data ? (
        <div className="p-4">
          <LoadingLines label="Making the report" />
        </div>
      ) : (
        // A mail runs nothing, and neither may it here.
        <iframe
          title={`The mail ${tried.data.title}`}
          sandbox=""
          srcDoc={tried.data.html}
          className="min-h-0 w-full flex-1 bg-white"
        />
      )}
    </Dialog>
  );
}
