using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Notifications;

/// <summary>A change as one channel is told of it.</summary>
internal sealed record ToldChange(CrmModule Module, ChangeKind Kind, CrmRecord Record, IReadOnlyList<CrmField> Fields);

/// <summary>The body of a callback: ids and what changed, no signature, the channel's token in the open.</summary>
internal static class NotificationBody
{
    public static string ResourceUri(string apiHost, string module) => $"https://{apiHost}/crm/v2/{module}";

    /// <summary>What a channel is told of these changes, in order; edits of a record that points to a watched one among them.</summary>
    public static IEnumerable<ToldChange> Told(CrmOrganisation organisation, WatchChannel channel, IEnumerable<RecordChange> changes)
    {
        foreach (var change in changes)
        {
            if (channel.Modules.FirstOrDefault(watched => watched.Module == change.Module.ApiName) is { } watched
                && watched.Kinds.Contains(change.Kind))
            {
                var fields = change.Fields.Where(field => watched.Fields?.Contains(field.ApiName) is not false).ToList();
                if (change.Kind is not ChangeKind.Edit || watched.Fields is null || fields.Count > 0)
                {
                    yield return new(change.Module, change.Kind, change.Record, fields);
                }
            }

            if (channel.TellsRelated)
            {
                foreach (var related in Related(organisation, channel, change))
                {
                    yield return related;
                }
            }
        }
    }

    public static JsonObject Write(
        CrmOrganisation organisation, WatchChannel channel, string apiHost, IReadOnlyList<ToldChange> told, DateTimeOffset now,
        CrmSettings settings)
    {
        var (module, kind) = (told[0].Module, told[0].Kind);
        var query = new JsonObject();
        foreach (var (name, value) in QueryHelpers.ParseQuery(new Uri(channel.NotifyUrl).Query))
        {
            query[name] = value.ToString();
        }

        var edits = kind is ChangeKind.Edit && channel.ReturnsValues ? told.Where(change => change.Fields.Count > 0).ToList() : [];
        var body = new JsonObject
        {
            ["server_time"] = now.ToUnixTimeMilliseconds(),
            ["query_params"] = query,
            ["module"] = module.ApiName,
            ["resource_uri"] = ResourceUri(apiHost, module.ApiName),
            ["ids"] = new JsonArray([.. told.Select(change => (JsonNode)CrmOrganisation.Text(change.Record.Id))]),
            ["affected_fields"] = new JsonArray([.. edits.Select(change => (JsonNode)new JsonObject
            {
                [CrmOrganisation.Text(change.Record.Id)] = new JsonArray([.. change.Fields.Select(field => (JsonNode)field.ApiName)]),
            })]),
            ["affected_values"] = new JsonArray([.. edits.Select(change => (JsonNode)new JsonObject
            {
                ["record_id"] = CrmOrganisation.Text(change.Record.Id),
                ["values"] = new JsonObject(change.Fields.Select(field =>
                    KeyValuePair.Create(field.ApiName, RecordJson.Value(organisation, field.Of(change.Record))))),
            })]),
            ["operation"] = kind switch
            {
                ChangeKind.Create => settings.NotificationsSayInsert ? "insert" : "create",
                ChangeKind.Edit => settings.NotificationsSayInsert ? "update" : "edit",
                ChangeKind.Delete => "delete",
            },
            ["channel_id"] = settings.NotificationChannelNumbers ? JsonNode.Parse(channel.Id) : channel.Id,
            ["token"] = channel.Token,
        };
        if (settings.NotificationsShort)
        {
            body.Remove("server_time");
            body.Remove("affected_values");
        }

        return body;
    }

    private static IEnumerable<ToldChange> Related(CrmOrganisation organisation, WatchChannel channel, RecordChange change) =>
        change.Module.Fields
            .Where(field => field is { Type: FieldType.Lookup, Read: null })
            .Select(field => field.Of(change.Record))
            .OfType<LookupValue>()
            .Where(lookup => channel.Modules.Any(
                watched => watched.Module == lookup.Module && watched.Kinds.Contains(ChangeKind.Edit) && watched.Fields is null))
            .Select(lookup => (Module: organisation.FindModule(lookup.Module)!, lookup.Id))
            .Where(parent => parent.Module.Find(parent.Id) is not null)
            .Select(parent => new ToldChange(parent.Module, ChangeKind.Edit, parent.Module.Find(parent.Id)!, []));
}
