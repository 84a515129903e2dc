using System.Globalization;
using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Crm.Notifications;
using ZohoPlatform.Simulator.Hosts;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Crm.Control;

/// <summary>
/// What a control works on: the CRM of the data centre in the address, its first organisation unless <c>organisation_id</c> names another.
/// What it changes is told to those that watch, as any change.
/// </summary>
internal sealed record CrmSite(CrmOrganisation? Organisation, DataCentre? DataCentre, CrmServices Services)
{
    public static ValueTask<CrmSite> BindAsync(HttpContext context)
    {
        var services = context.RequestServices.GetRequiredService<CrmServices>();
        var dataCentre = DataCentre.Find(context.GetRouteValue("dataCentre") as string);
        var organisations = context.RequestServices.GetRequiredService<Directory>().Snapshot().Organisations
            .Where(organisation => organisation.DataCentre == dataCentre?.Code);
        var asked = context.Request.Query["organisation_id"].ToString();
        var found = dataCentre?.ApiHost is null ? null : asked.Length == 0
            ? organisations.FirstOrDefault()
            : organisations.FirstOrDefault(organisation => organisation.Id.ToString(CultureInfo.InvariantCulture) == asked);
        return ValueTask.FromResult(new CrmSite(found is null ? null : services.Organisations.Of(found), dataCentre, services));
    }

    /// <summary>Runs under the gate, after what is due; then tells what has changed.</summary>
    public IResult Run(Func<CrmOrganisation, DateTimeOffset, IResult> run)
    {
        if (Organisation is not { } organisation)
        {
            return Results.Json(new ControlProblem("dataCentre", "There is no CRM there, or no such organisation."),
                statusCode: StatusCodes.Status404NotFound);
        }

        lock (organisation.Gate)
        {
            var now = CrmTime.Whole(Services.Clock.GetUtcNow());
            organisation.Catch(now);
            var result = run(organisation, now);
            Services.Sender.Send(organisation, organisation.TakeChanges(), DataCentre!.ApiHost!, now, Services.Settings.Current.Crm);
            return result;
        }
    }

    /// <summary>The same with the module of the address, which must be there.</summary>
    public IResult Run(string module, Func<CrmOrganisation, CrmModule, DateTimeOffset, IResult> run) => Run((organisation, now) =>
        organisation.FindModule(module) is { } found
            ? run(organisation, found, now)
            : Results.Json(new ControlProblem("module", $"There is no module {module}."), statusCode: StatusCodes.Status404NotFound));

    /// <summary>The organisation's first user, in whose name controls change things.</summary>
    public static long Actor(CrmOrganisation organisation) => organisation.IdOf(organisation.Users[0]);

    public CrmSettings Settings => Services.Settings.Current.Crm;

    public SentNotifications Sent => Services.Sender.Counts;
}
