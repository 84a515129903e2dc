using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Notifications;

/// <summary>Channels: made, replaced, changed, ended, listed. Zoho CRM "Notification APIs".</summary>
internal static class WatchOperations
{
    private const int MostChannels = 100;

    public static CrmAnswer Create(CrmCall call) => Each(call, StatusCodes.Status201Created, (given, path, id) =>
        WatchReader.Read(call, given, path, id, null, out var channel) is { } wrong
            ? RecordAnswer.Refused(wrong)
            : Put(call, channel, "Successfully subscribed for actions-watch of the given module"));

    /// <summary>Drops what is left out.</summary>
    public static CrmAnswer Replace(CrmCall call) => Each(call, StatusCodes.Status200OK, (given, path, id) =>
    {
        if (Find(call, id) is null)
        {
            return NotSubscribed(id);
        }

        return WatchReader.Read(call, given, path, id, null, out var channel) is { } wrong
            ? RecordAnswer.Refused(wrong)
            : Put(call, channel, "Successfully updated the subscribe details");
    });

    /// <summary>Keeps what is left out; with <c>_delete_events</c> the events named are no longer told.</summary>
    public static CrmAnswer Change(CrmCall call) => Each(call, StatusCodes.Status200OK, (given, path, id) =>
    {
        if (Find(call, id) is not { } before)
        {
            return NotSubscribed(id);
        }

        if (given["_delete_events"]?.ToString() is "true" or "True")
        {
            return WatchReader.Events(call, given["events"], $"{path}.events", out var ended) is { } unread
                ? RecordAnswer.Refused(unread)
                : Put(call, before with { Modules = Without(before.Modules, ended) }, "Successfully removed the subscribe details");
        }

        return WatchReader.Read(call, given, path, id, before, out var channel) is { } wrong
            ? RecordAnswer.Refused(wrong)
            : Put(call, channel, "Successfully updated the subscribe details");
    });

    public static CrmAnswer Delete(CrmCall call)
    {
        var ids = call["channel_ids"] ?? throw new CrmRefusal(CrmError.MissingParameter("channel_ids"));
        var answers = ids.Split(',', StringSplitOptions.TrimEntries).Select(id =>
        {
            if (Find(call, id) is not { } channel)
            {
                return NotSubscribed(id);
            }

            call.Organisation.Channels.Remove(channel);
            var first = channel.Modules.Count > 0 ? Resource(call, channel.Modules[0]) : [];
            first["channel_id"] = channel.Id;
            return RecordAnswer.Done("Successfully un-subscribed from actions-watch", first);
        }).ToList();
        return CrmAnswer.OfEach("watch", answers, StatusCodes.Status200OK, call.Settings);
    }

    public static CrmAnswer List(CrmCall call)
    {
        var id = call["channel_id"] ?? throw new CrmRefusal(CrmError.MissingParameter("channel_id"));
        var rows = Find(call, id) is { } channel
            ? channel.Modules.Where(module => call["module"] is not { } wanted || module.Module == wanted)
                .Select(module => (JsonNode)Row(call, channel, module)).ToList()
            : [];
        return rows.Count == 0 ? CrmAnswer.Nothing : CrmAnswer.Success(new JsonObject
        {
            ["watch"] = new JsonArray([.. rows]),
            ["info"] = new JsonObject { ["per_page"] = 200, ["count"] = rows.Count, ["page"] = 1, ["more_records"] = false },
        });
    }

    private static CrmAnswer Each(CrmCall call, int success, Func<JsonObject, string, string, RecordAnswer> run)
    {
        var answers = call.Items("watch", MostChannels).Select((given, i) =>
        {
            var path = $"$.watch[{i}]";
            return WatchReader.Id(given, path, out var id) is { } wrong ? RecordAnswer.Refused(wrong) : run(given, path, id);
        }).ToList();
        return CrmAnswer.OfEach("watch", answers, success, call.Settings);
    }

    private static WatchChannel? Find(CrmCall call, string id) => call.Organisation.Channels.Find(call.Zoho.Zuid, id, call.Now);

    private static RecordAnswer Put(CrmCall call, WatchChannel channel, string message)
    {
        call.Organisation.Channels.Put(channel);
        return RecordAnswer.Done(message, new()
        {
            ["events"] = new JsonArray([.. channel.Modules.Select(module =>
            {
                var json = Resource(call, module);
                json["channel_expiry"] = call.Organisation.Write(channel.ExpiresAt);
                json["channel_id"] = channel.Id;
                json["notification_condition"] = Condition(call, module);
                return (JsonNode)json;
            })]),
        });
    }

    private static RecordAnswer NotSubscribed(string id) =>
        RecordAnswer.Refused(new("NOT_SUBSCRIBED", "not subscribed to the given channel", new() { ["channel_id"] = id }));

    private static List<WatchedModule> Without(IReadOnlyList<WatchedModule> modules, IReadOnlyList<WatchedModule> ended) =>
        [.. modules
            .Select(module => ended.FirstOrDefault(one => one.Module == module.Module) is { } gone
                ? module with { Kinds = module.Kinds.Except(gone.Kinds).ToHashSet() }
                : module)
            .Where(module => module.Kinds.Count > 0)];

    private static JsonObject Row(CrmCall call, WatchChannel channel, WatchedModule module)
    {
        var row = Resource(call, module);
        row["channel_id"] = channel.Id;
        row["notify_url"] = channel.NotifyUrl;
        row["token"] = channel.Token;
        row["channel_expiry"] = call.Organisation.Write(channel.ExpiresAt);
        row["events"] = new JsonArray([.. module.Kinds.Select(kind => (JsonNode)$"{module.Module}.{kind.ToString().ToLowerInvariant()}")]);
        row["fields"] = null;
        row["notify_on_related_action"] = channel.TellsRelated;
        row["return_affected_field_values"] = channel.ReturnsValues;
        row["notification_condition"] = Condition(call, module);
        return row;
    }

    // still /crm/v2 in v8
    private static JsonObject Resource(CrmCall call, WatchedModule module) => new()
    {
        ["resource_uri"] = NotificationBody.ResourceUri(call.ApiHost, module.Module),
        ["resource_id"] = CrmOrganisation.Text(call.FindModule(module.Module)!.Id),
        ["resource_name"] = module.Module,
    };

    private static JsonArray Condition(CrmCall call, WatchedModule watched)
    {
        if (watched.Fields is not { } fields)
        {
            return [];
        }

        var module = call.FindModule(watched.Module)!;
        return
        [
            new JsonObject
            {
                ["type"] = "field_selection",
                ["module"] = new JsonObject { ["api_name"] = module.ApiName, ["id"] = CrmOrganisation.Text(module.Id) },
                ["field_selection"] = new JsonObject
                {
                    ["comparator"] = null,
                    ["field"] = null,
                    ["value"] = null,
                    ["group_operator"] = "or",
                    ["group"] = new JsonArray([.. fields.Select(field => (JsonNode)new JsonObject
                    {
                        ["comparator"] = null,
                        ["field"] = new JsonObject { ["api_name"] = field, ["id"] = CrmOrganisation.Text(module.FindField(field)!.Id) },
                        ["value"] = null,
                        ["group_operator"] = null,
                        ["group"] = new JsonArray(),
                    })]),
                },
            },
        ];
    }
}
