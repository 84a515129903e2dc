using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Notifications;

/// <summary>Reads a channel from a call, whole or on top of one that is there. Zoho CRM "Enable notifications".</summary>
internal static class WatchReader
{
    private const int MostEvents = 50;
    private const int LongestUrl = 255;
    private const int LongestToken = 50;
    private const int LongestId = 64;
    private const int MostConditions = 2;
    private const int MostFields = 10;

    private static readonly TimeSpan Usual = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    public static CrmError? Id(JsonObject given, string path, out string id)
    {
        id = given["channel_id"]?.ToString() ?? "";
        if (id.Length == 0)
        {
            return CrmError.Missing("channel_id", $"{path}.channel_id");
        }

        return id.Length <= LongestId && long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            ? null
            : CrmError.WrongType("channel_id", $"{path}.channel_id", "bigint");
    }

    /// <summary>With <paramref name="before"/> what is left out stays; without, it is the usual.</summary>
    public static CrmError? Read(CrmCall call, JsonObject given, string path, string id, WatchChannel? before, out WatchChannel channel)
    {
        channel = before ?? new(id, call.Zoho.Zuid, [], "", null, call.Now + Usual, false, true);
        if (given["events"] is not null || before is null)
        {
            if (Events(call, given["events"], $"{path}.events", out var modules) is { } wrong)
            {
                return wrong;
            }

            channel = channel with { Modules = modules };
        }

        if (given["notify_url"] is not null || before is null)
        {
            if (Url(given["notify_url"], $"{path}.notify_url", out var url) is { } wrong)
            {
                return wrong;
            }

            channel = channel with { NotifyUrl = url };
        }

        if (given["token"] is { } token)
        {
            if (token.ToString().Length > LongestToken)
            {
                return CrmError.TooLong("token", $"{path}.token", LongestToken);
            }

            channel = channel with { Token = token.ToString() };
        }

        if (given["channel_expiry"] is { } expiry)
        {
            if (CrmTime.Read(expiry.ToString()) is not { } at)
            {
                return CrmError.WrongType("channel_expiry", $"{path}.channel_expiry", "datetime");
            }

            if (at <= call.Now)
            {
                return CrmError.Invalid("invalid data", CrmError.At("channel_expiry", $"{path}.channel_expiry"));
            }

            // later than a week is an hour, without a word
            channel = channel with { ExpiresAt = at - call.Now > Longest ? call.Now + Usual : at };
        }

        if (Flag(given, "return_affected_field_values") is { } values)
        {
            channel = channel with { ReturnsValues = values };
        }

        if (Flag(given, "notify_on_related_action") is { } related)
        {
            channel = channel with { TellsRelated = related };
        }

        return given["notification_condition"] is { } conditions
            ? Conditions(call, conditions, $"{path}.notification_condition", ref channel) : null;
    }

    public static CrmError? Events(CrmCall call, JsonNode? given, string path, out IReadOnlyList<WatchedModule> modules)
    {
        modules = [];
        switch (given)
        {
            case null:
                return CrmError.Missing("events", path);
            case not JsonArray { Count: > 0 }:
                return CrmError.WrongType("events", path, "jsonarray");
            case JsonArray { Count: > MostEvents }:
                return CrmError.TooMany("events", path, MostEvents);
        }

        var wanted = new Dictionary<string, HashSet<ChangeKind>>(StringComparer.Ordinal);
        foreach (var (text, i) in given.AsArray().Select((one, i) => (one?.ToString() ?? "", i)))
        {
            if (text.Split('.') is not [var module, var what] || call.FindModule(module) is null || module is "Notes"
                || Kinds(what) is not { } kinds)
            {
                return CrmError.Invalid("invalid data", CrmError.At("events", $"{path}[{i}]"));
            }

            if (!wanted.TryGetValue(module, out var known))
            {
                wanted[module] = known = [];
            }

            known.UnionWith(kinds);
        }

        modules = [.. wanted.Select(one => new WatchedModule(one.Key, one.Value, null))];
        return null;
    }

    private static ChangeKind[]? Kinds(string what) => what switch
    {
        "create" => [ChangeKind.Create],
        "edit" => [ChangeKind.Edit],
        "delete" => [ChangeKind.Delete],
        "all" => [ChangeKind.Create, ChangeKind.Edit, ChangeKind.Delete],
        _ => null,
    };

    // https, as at Zoho; the machine itself may be called without
    private static CrmError? Url(JsonNode? given, string path, out string url)
    {
        url = given?.ToString() ?? "";
        if (url.Length == 0)
        {
            return CrmError.Missing("notify_url", path);
        }

        if (url.Length > LongestUrl)
        {
            return CrmError.TooLong("notify_url", path, LongestUrl);
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? null
            : CrmError.Invalid("invalid data", CrmError.At("notify_url", path));
    }

    private static CrmError? Conditions(CrmCall call, JsonNode given, string path, ref WatchChannel channel)
    {
        if (given is not JsonArray conditions)
        {
            return CrmError.WrongType("notification_condition", path, "jsonarray");
        }

        if (conditions.Count > MostConditions)
        {
            return CrmError.TooMany("notification_condition", path, MostConditions);
        }

        foreach (var (condition, i) in conditions.Select((one, i) => (one as JsonObject, i)))
        {
            var apiName = (condition?["module"] as JsonObject)?["api_name"]?.ToString() ?? "";
            var fields = new HashSet<string>(StringComparer.Ordinal);
            Collect(condition?["field_selection"] as JsonObject, fields);
            if (call.FindModule(apiName) is not { } module || fields.Count == 0 || fields.Any(field => module.FindField(field) is null))
            {
                return CrmError.Invalid("invalid data", CrmError.At("field_selection", $"{path}[{i}].field_selection"));
            }

            if (fields.Count > MostFields)
            {
                return CrmError.TooMany("field_selection", $"{path}[{i}].field_selection", MostFields);
            }

            channel = channel with
            {
                Modules = [.. channel.Modules.Select(watched => watched.Module == apiName ? watched with { Fields = fields } : watched)],
            };
        }

        return null;
    }

    private static void Collect(JsonObject? selection, HashSet<string> fields)
    {
        if ((selection?["field"] as JsonObject)?["api_name"]?.ToString() is { } field)
        {
            fields.Add(field);
        }

        foreach (var inner in selection?["group"] as JsonArray ?? [])
        {
            Collect(inner as JsonObject, fields);
        }
    }

    private static bool? Flag(JsonObject given, string name) =>
        given[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;
}
