using System.Globalization;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using static ZohoPlatform.Gateway.Rest.ContractValues;

namespace ZohoPlatform.Gateway.Settings;

/// <summary>What CrmService and MessagingService found at Zoho CRM, each as one of the checks.</summary>
internal static class CrmCheckMapping
{
    private const string LinkUnknown = "crm_link_unknown";

    // all goes on while these stand
    private static readonly string[] Lesser = [LinkUnknown, "notifications_off", "channel_not_made", "channel_ended"];

    extension(CheckResponse answer)
    {
        public SettingsCheck ToApi(string name)
        {
            ConnectionFinding[] findings = [.. answer.InOrder(), .. answer.Findings.Select(ToApi), .. answer.Alive()];
            var worst = Array.Find(findings, finding => finding.Status is FindingStatus.Failed);
            return new SettingsCheck(name, worst is null, worst?.Code, worst?.Message ?? $"Zoho CRM of {answer.OrganizationName} answered.")
            {
                ConnectionId = OrNull(answer.ConnectionId),
                Account = OrNull(answer.AccountName),
                Findings = findings,
            };
        }

        private IEnumerable<ConnectionFinding> InOrder()
        {
            if (answer.OrganizationId.Length > 0)
            {
                yield return Ok("organization", $"{answer.OrganizationName} ({answer.OrganizationId}) in {answer.DataCentre} answered.");
            }

            if (answer.Link.Length > 0)
            {
                yield return Ok("link", $"Its records open at {answer.Link}.");
            }
        }

        private IEnumerable<ConnectionFinding> Alive()
        {
            // what is wrong with the channel is about no module
            if (answer.Channel is { } channel && answer.Findings.All(finding => finding.Module.Length > 0 || finding.Code == LinkUnknown))
            {
                yield return Ok("notifications", $"Zoho CRM tells of changes in {string.Join(", ", channel.Modules)} by itself.");
            }
        }
    }

    extension(CheckMessagingResponse answer)
    {
        public SettingsCheck ToApi(string name, string? connectionId)
        {
            var waiting = answer.Waiting > 0 ? $" Messages that wait: {Of(answer.Waiting)}." : "";
            List<ConnectionFinding> findings =
                [.. answer.Findings.Select(finding => new ConnectionFinding(name, FindingStatus.Failed, finding.Code, $"{finding.Message}{waiting}"))];
            var worst = findings.FirstOrDefault();
            var way = answer.MessagesModule.Length > 0
                ? $"Messages become records of {answer.MessagesModule} in Zoho CRM."
                : answer.KeptInNotes;
            return new SettingsCheck(name, worst is null, worst?.Code, worst?.Message ?? way)
            {
                ConnectionId = connectionId,
                Findings = [.. worst is null ? [Ok(name, way)] : findings, .. answer.Refused(name)],
            };
        }

        private IEnumerable<ConnectionFinding> Refused(string name)
        {
            if (answer.Failed > 0)
            {
                yield return new ConnectionFinding(
                    name, FindingStatus.Warning, "messages_failed",
                    $"Messages that Zoho CRM refused: {Of(answer.Failed)}. Look at those with sync_state failed (zoho messages --state failed): each says why; then retry or discard them.");
            }
        }
    }

    private static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static ConnectionFinding Ok(string name, string message) => new(name, FindingStatus.Ok, null, message);

    private static ConnectionFinding ToApi(CrmFinding finding)
    {
        var isLesser = Lesser.Contains(finding.Code, StringComparer.Ordinal);
        return new ConnectionFinding(
            finding.Module.Length > 0 ? "module" : "crm", isLesser ? FindingStatus.Warning : FindingStatus.Failed, finding.Code, finding.Message)
        {
            Module = OrNull(finding.Module),
        };
    }
}
