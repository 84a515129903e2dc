using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A phone call to be kept in the module Calls (Zoho CRM, "Calls"; Kaizen 38).</summary>
/// <param name="Subject">Up to 255 characters; a longer one is cut.</param>
/// <param name="Direction">Cannot be changed later.</param>
/// <param name="StartTime">When it began.</param>
/// <param name="Duration">
/// How long people spoke; of no meaning for a missed one. A second at least is written: Zoho takes no completed call without.
/// </param>
/// <param name="Module">Of whom: <c>Contacts</c>, <c>Leads</c>, or any other module.</param>
/// <param name="RecordId">Which record of it.</param>
public sealed record CrmPhoneCall(
    string Subject, CrmCallDirection Direction, DateTimeOffset StartTime, TimeSpan Duration, string Module, string RecordId)
{
    private const int LongestSubject = 255;

    public string? Description { get; init; }

    /// <summary>
    /// The field for the state of an outgoing call, which organisations have under two names (<see cref="StatusFieldOf"/>); null where the
    /// organisation has none.
    /// </summary>
    public string? StatusField { get; init; }

    /// <summary>The name by which a module Calls with these fields has <see cref="StatusField"/>.</summary>
    public static string? StatusFieldOf(IEnumerable<CrmField> fields) =>
        fields.Select(field => field.ApiName).FirstOrDefault(name => name is "Outgoing_Call_Status" or "Outbound_Call_Status");

    internal JsonObject ToRecord()
    {
        var record = new JsonObject
        {
            [nameof(Subject)] = Subject.Length <= LongestSubject ? Subject : Subject[..LongestSubject],
            ["Call_Type"] = Direction switch
            {
                CrmCallDirection.Inbound => "Inbound",
                CrmCallDirection.Outbound => "Outbound",
                CrmCallDirection.Missed => "Missed",
            },
            ["Call_Start_Time"] = CrmTimes.Write(StartTime),
        };
        if (Direction is not CrmCallDirection.Missed)
        {
            // minutes and seconds, whatever the page says: recorded answers have 15 seconds for 00:15
            var seconds = Math.Max(1, (long)Duration.TotalSeconds);
            record["Call_Duration"] = string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:00}:{seconds % 60:00}");
        }

        if (Direction is CrmCallDirection.Outbound && StatusField is { } status)
        {
            record[status] = "Completed";
        }

        if (Description is { } description)
        {
            record[nameof(Description)] = description;
        }

        // contacts have a field of their own, everything else is told with its module
        if (Module == "Contacts")
        {
            record["Who_Id"] = new JsonObject { ["id"] = CrmIds.Checked(RecordId) };
        }
        else
        {
            record["What_Id"] = new JsonObject { ["id"] = CrmIds.Checked(RecordId) };
            record["$se_module"] = Module;
        }

        return record;
    }
}

/// <summary>Who called.</summary>
public enum CrmCallDirection
{
    Inbound,
    Outbound,
    Missed,
}
