using ZohoPlatform.Api;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Connections;

/// <summary>One thing that a trial looked at.</summary>
internal static class FindingLine
{
    /// <summary>Stands before what is told below a line.</summary>
    public static readonly string Under = new(' ', 28);

    public static void Show(ConnectionFinding finding, Terminal terminal) => terminal.Item(
        $"{ApiName.Of(finding.Status).Replace('_', ' '),-10}  {finding.Name.Replace('_', ' '),-14}  ",
        CommandWords.Said(finding.Message),
        finding.Status is FindingStatus.Ok ? "green" : finding.Status is FindingStatus.Failed ? "red" : "yellow");
}
