using ZohoPlatform.Api.Settings;

namespace ZohoPlatform.Cli.Doctor;

/// <summary>One cause is one finding: what follows from it is told with it, and has no fix of its own.</summary>
internal static class Causes
{
    public static List<Finding> Fold(IEnumerable<Finding> findings)
    {
        var folded = new List<Finding>();
        foreach (var finding in findings)
        {
            var cause = finding.IsWrong ? folded.FindIndex(known => known.IsWrong && FindingCauses.Explains(CauseOf(known), CauseOf(finding))) : -1;
            if (cause < 0)
            {
                folded.Add(finding);
                continue;
            }

            var known = folded[cause];
            folded[cause] = known with
            {
                Status = known.Status > finding.Status ? known.Status : finding.Status,
                Also = finding.Name == known.Name || known.Also?.Contains(finding.Name, StringComparer.Ordinal) is true
                    ? known.Also
                    : [.. known.Also ?? [], finding.Name],
            };
        }

        return folded;
    }

    private static (string? Code, string? ConnectionId, string? Module) CauseOf(Finding finding) => (finding.Code, finding.ConnectionId, finding.Module);
}
