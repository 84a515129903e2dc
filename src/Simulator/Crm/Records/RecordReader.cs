using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Records;

/// <summary>A record of a call, read: its values and, where one is named, its layout.</summary>
internal sealed record ReadRecord(Dictionary<CrmField, object?> Values, long? Owner, long? Layout);

/// <summary>Checks one record of a write: what is mandatory, what each field takes, the rules of the module.</summary>
internal static class RecordReader
{
    private const int LongestCall = 99 * 60;

    public static CrmError? Read(
        CrmCall call, CrmModule module, JsonObject given, string path, CrmRecord? before, out ReadRecord read)
    {
        read = new([], null, null);
        if (before is null && Mandatory(module.Fields.Where(field => field.SystemMandatory), given, path) is { } missing)
        {
            return missing;
        }

        // only a record that names its layout is held to it
        CrmLayout? layout = null;
        if (given["Layout"] is { } named)
        {
            layout = ValueReader.TryId(named, out var id) ? module.Layouts.Find(known => known.Id == id) : null;
            if (layout is null)
            {
                return CrmError.Invalid("the id given seems to be invalid", CrmError.At("Layout", $"{path}.Layout"));
            }

            var required = module.Fields.Where(field => layout.Active && layout.Required.Contains(field.ApiName));
            if (before is null && Mandatory(required, given, path) is { } missed)
            {
                return missed;
            }

            read = read with { Layout = layout.Id };
        }

        foreach (var (name, value) in given)
        {
            // what is no field, or only to be read, is dropped without a word
            if (module.FindField(name) is not { ReadOnly: false } field)
            {
                continue;
            }

            if (ValueReader.Read(call, field, value, given, path, out var taken) is { } wrong)
            {
                return wrong;
            }

            if (taken is UserValue owner && field.ApiName is "Owner")
            {
                read = read with { Owner = owner.Id };
            }
            else
            {
                read.Values[field] = taken;
            }
        }

        return module.ApiName is "Calls" ? Calls(call, module, read, path, before) : null;
    }

    private static CrmError? Mandatory(IEnumerable<CrmField> fields, JsonObject given, string path) =>
        fields.FirstOrDefault(field => given[field.ApiName]?.ToString() is null or "") is { } missing
            ? CrmError.Missing(missing.ApiName, $"{path}.{missing.ApiName}")
            : null;

    // Zoho CRM "Calls": the length of a completed call, and what cannot be changed afterwards
    private static CrmError? Calls(CrmCall call, CrmModule module, ReadRecord read, string path, CrmRecord? before)
    {
        var type = module.FindField("Call_Type")!;
        var status = module.FindField("Outgoing_Call_Status")!;
        var length = module.FindField("Call_Duration")!;
        if (before is not null)
        {
            if (read.Values.TryGetValue(type, out var changed) && !Equals(changed, type.Of(before)))
            {
                return CrmError.Invalid("Call_Type cannot be changed", CrmError.At("Call_Type", $"{path}.Call_Type"));
            }

            if (read.Owner is not null && status.Of(before) as string is not "Scheduled")
            {
                return CrmError.Invalid("the owner of a completed call cannot be changed", CrmError.At("Owner", $"{path}.Owner"));
            }
        }

        var scheduled = (read.Values.GetValueOrDefault(status) ?? (before is null ? null : status.Of(before))) is "Scheduled";
        if (read.Values.GetValueOrDefault(module.FindField("Call_Start_Time")!) is DateTimeOffset start && scheduled && start <= call.Now)
        {
            return CrmError.Invalid("a scheduled call is in the future", CrmError.At("Call_Start_Time", $"{path}.Call_Start_Time"));
        }

        var kind = (read.Values.GetValueOrDefault(type) ?? (before is null ? null : type.Of(before))) as string;
        if (before is null && !scheduled && kind is not "Missed" && !read.Values.ContainsKey(length))
        {
            return CrmError.Missing("Call_Duration", $"{path}.Call_Duration");
        }

        if (read.Values.TryGetValue(length, out var text))
        {
            if (Seconds(text as string, call.Settings) is not { } seconds)
            {
                return CrmError.WrongType("Call_Duration", $"{path}.Call_Duration", "text");
            }

            if (seconds == 0 && !scheduled && kind is not "Missed")
            {
                var details = CrmError.At("Call_Duration", $"{path}.Call_Duration");
                details["dependee"] = CrmError.At("Call_Type", $"{path}.Call_Type");
                return new("DEPENDENT_MISMATCH", "the duration of a completed call is mandatory", details);
            }

            read.Values[module.FindField("Call_Duration_in_seconds")!] = (long)seconds;
        }

        read.Values[module.FindField("Call_Status")!] = scheduled ? "Scheduled" : kind switch
        {
            "Missed" => "Missed",
            "Inbound" => "Received",
            _ => "Attended Dialled",
        };
        return null;
    }

    private static int? Seconds(string? text, CrmSettings settings)
    {
        if (text?.Split(':') is not [var first, var second]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var left)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var right) || right > 59)
        {
            return null;
        }

        var seconds = settings.CallDurationInMinutes ? (left * 60) + right : (left * 3600) + (right * 60);
        return seconds <= LongestCall || !settings.CallDurationInMinutes ? seconds : null;
    }
}
