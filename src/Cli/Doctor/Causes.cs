namespace ZohoPlatform.Cli.Doctor;

/// <summary>One cause is one finding: what follows from it is told with it, and has no fix of its own.</summary>
internal static class Causes
{
    // nothing can be connected while one of these stands
    private static readonly string[] NoClient = ["client_not_configured", "client_secret_missing"];
    private static readonly string[] NoConnection = ["not_connected", "connection_not_chosen"];

    public static List<Finding> Fold(IEnumerable<Finding> findings)
    {
        var folded = new List<Finding>();
        foreach (var finding in findings)
        {
            var cause = finding.IsWrong ? folded.FindIndex(known => known.IsWrong && Follows(finding, known)) : -1;
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

    private static bool Follows(Finding finding, Finding cause) => finding.Code is not null && cause.Code is not null
        && ((finding.Code == cause.Code && (finding.ConnectionId ?? cause.ConnectionId) == (cause.ConnectionId ?? finding.ConnectionId))
            || (NoClient.Contains(cause.Code, StringComparer.Ordinal) && NoConnection.Contains(finding.Code, StringComparer.Ordinal)));
}
