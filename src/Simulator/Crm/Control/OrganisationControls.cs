using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Crm.Metadata;

namespace ZohoPlatform.Simulator.Crm.Control;

/// <summary>An organisation's CRM as a whole: zone, plan, modules, fields, layouts, channels.</summary>
internal static class OrganisationControls
{
    private const int LongestName = 50;

    public static void MapCrmOrganisations(this IEndpointRouteBuilder controls)
    {
        controls.MapGet("/crm/{dataCentre}", (CrmSite site) => site.Run((organisation, _) => Results.Json(Describe(site, organisation))));
        controls.MapPatch("/crm/{dataCentre}", ChangeZone);
        controls.MapPut("/crm/{dataCentre}/plan", ChangePlan);
        controls.MapPost("/crm/{dataCentre}/modules", AddModule);
        controls.MapPost("/crm/{dataCentre}/{module}/fields", AddField);
        controls.MapPut("/crm/{dataCentre}/{module}/layouts", PutLayout);
        controls.MapGet("/crm/{dataCentre}/channels", (CrmSite site) => site.Run((organisation, now) => Results.Json(
            organisation.Channels.Live(now)
                .Select(channel => new ChannelState(
                    channel.Id, channel.Zuid, channel.NotifyUrl, channel.ExpiresAt, [.. channel.Modules.Select(watched => watched.Module)]))
                .ToList())));
        controls.MapDelete("/crm/{dataCentre}/channels", (CrmSite site) => site.Run((organisation, _) =>
        {
            organisation.Channels.Clear();
            return Results.NoContent();
        }));
    }

    private static IResult ChangeZone(CrmSite site, Body<ZoneOrder> body) => site.Run((organisation, _) =>
    {
        if (body.Value.TimeZone is not { } id || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
        {
            return ControlProblem.Of("time_zone", "A zone such as Europe/Madrid.");
        }

        organisation.Zone = zone;
        return Results.Json(Describe(site, organisation));
    });

    private static IResult ChangePlan(CrmSite site, Body<PlanOrder> body) => site.Run((organisation, _) =>
    {
        var known = site.Services.Limits.Use(organisation.Organisation.Id).Plan;
        var plan = new CrmPlan(
            body.Value.Credits ?? known.Credits, body.Value.Concurrency ?? known.Concurrency,
            body.Value.SubConcurrency ?? known.SubConcurrency);
        var numbers = new[] { ("credits", plan.Credits), ("concurrency", plan.Concurrency), ("sub_concurrency", plan.SubConcurrency) };
        foreach (var (field, value) in numbers)
        {
            if (value < 0)
            {
                return ControlProblem.Of(field, "At least 0.");
            }
        }

        site.Services.Limits.Change(organisation.Organisation.Id, plan);
        return Results.Json(Describe(site, organisation));
    });

    private static IResult AddModule(CrmSite site, Body<ModuleOrder> body) => site.Run((organisation, _) =>
    {
        var (apiName, singular, plural) = body.Value;
        if (apiName is not { Length: > 0 and <= LongestName } || !apiName.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_'))
        {
            return ControlProblem.Of("api_name", "Letters, digits and underscores.");
        }

        if (organisation.FindModule(apiName) is not null)
        {
            return ControlProblem.Of("api_name", "There is such a module.");
        }

        var module = StandardModules.AddCustom(organisation, apiName, singular ?? apiName, plural ?? apiName);
        return Results.Json(Describe(module), statusCode: StatusCodes.Status201Created);
    });

    private static IResult AddField(CrmSite site, string module, Body<FieldOrder> body) => site.Run(module, (organisation, found, _) =>
    {
        var order = body.Value;
        if (order.ApiName is not { Length: > 0 and <= LongestName } apiName || found.FindField(apiName) is not null)
        {
            return ControlProblem.Of("api_name", "A name that no field of the module has.");
        }

        if (order.Type is not { } type || type is FieldType.Owner)
        {
            return ControlProblem.Of("type",
                "One of text, text_area, rich_text, email, phone, website, picklist, multi_select_picklist, integer, double, currency, boolean, "
                + "date, date_time, lookup.");
        }

        if (type is FieldType.Lookup && (order.LookupModule is null || organisation.FindModule(order.LookupModule) is null))
        {
            return ControlProblem.Of("lookup_module", "A module that is there.");
        }

        var usual = new CrmField(apiName, apiName, type);
        found.Add(new CrmField(apiName, order.Label ?? apiName, type)
        {
            Id = organisation.NextId(),
            IsCustom = true,
            IsUnique = order.Unique ?? false,
            SystemMandatory = order.Mandatory ?? false,
            Length = order.Length ?? usual.Length,
            LookupModule = order.LookupModule,
            Options = order.Options ?? [],
        });
        return Results.Json(Describe(found), statusCode: StatusCodes.Status201Created);
    });

    /// <summary>Changes the standard layout, or the named one, which is made when it is new.</summary>
    private static IResult PutLayout(CrmSite site, string module, Body<LayoutOrder> body) => site.Run(module, (organisation, found, _) =>
    {
        var (name, active, required) = body.Value;
        if (required?.FirstOrDefault(field => found.FindField(field) is null) is { } unknown)
        {
            return ControlProblem.Of("required", $"There is no field {unknown}.");
        }

        var layout = found.Layouts.Find(known => known.Name == (name ?? "Standard"));
        if (layout is null)
        {
            found.Layouts.Add(layout = new(organisation.NextId(), name!));
        }

        layout.Active = active ?? layout.Active;
        if (required is not null)
        {
            layout.Required.Clear();
            layout.Required.UnionWith(required);
        }

        return Results.Json(new LayoutState(CrmOrganisation.Text(layout.Id), layout.Name, layout.Active, [.. layout.Required]));
    });

    public static CrmModuleState Describe(CrmModule module) =>
        new(module.ApiName, module.IsCustom, module.Records.Count, module.Deleted.Count,
            module.Records.Count(record => record.Conversion is not null));

    private static CrmState Describe(CrmSite site, CrmOrganisation organisation)
    {
        var sent = site.Sent;
        return new(
            organisation.Organisation.Id, organisation.Zone.Id, site.Services.Limits.Use(organisation.Organisation.Id),
            [.. organisation.Modules.Select(Describe)], sent.Sent, sent.Refused, sent.Lost);
    }

    private sealed record ZoneOrder(string? TimeZone);

    private sealed record PlanOrder(int? Credits, int? Concurrency, int? SubConcurrency);

    private sealed record ModuleOrder(string? ApiName, string? SingularLabel, string? PluralLabel);

    private sealed record FieldOrder(
        string? ApiName, string? Label, FieldType? Type, int? Length, bool? Unique, bool? Mandatory, string? LookupModule,
        IReadOnlyList<string>? Options);

    private sealed record LayoutOrder(string? Name, bool? Active, IReadOnlyList<string>? Required);
}

internal sealed record CrmState(
    long OrganisationId, string TimeZone, CrmUse Use, IReadOnlyList<CrmModuleState> Modules, long CallbacksSent, long CallbacksRefused,
    long CallbacksLost);

internal sealed record CrmModuleState(string ApiName, bool IsCustom, int Records, int Deleted, int Converted);

internal sealed record ChannelState(string ChannelId, long Zuid, string NotifyUrl, DateTimeOffset ExpiresAt, IReadOnlyList<string> Modules);

internal sealed record LayoutState(string Id, string Name, bool Active, IReadOnlyList<string> Required);
