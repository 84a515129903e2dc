using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Finance.Control;

/// <summary>
/// What a control works on: the first finance organisation of the data centre in the address, unless <c>organisation_id</c> names another.
/// </summary>
internal sealed record FinanceSite(FinanceOrganisation? Organisation, ZohoOrganisation? Account, FinanceServices Services)
{
    public static ValueTask<FinanceSite> BindAsync(HttpContext context)
    {
        var services = context.RequestServices.GetRequiredService<FinanceServices>();
        var dataCentre = DataCentre.Find(context.GetRouteValue("dataCentre") as string);
        var asked = context.Request.Query["organisation_id"].ToString();
        var found = (dataCentre?.ApiHost is null ? [] : context.RequestServices.GetRequiredService<Directory>().Snapshot().Organisations)
            .Where(account => account.DataCentre == dataCentre!.Code)
            .SelectMany(account => services.Organisations.Of(account).Select(organisation => (Account: account, Organisation: organisation)))
            .FirstOrDefault(pair => asked.Length == 0 || FinanceOrganisation.Text(pair.Organisation.Id) == asked);
        return ValueTask.FromResult(new FinanceSite(found.Organisation, found.Account, services));
    }

    /// <summary>Runs under the gate.</summary>
    public IResult Run(Func<FinanceOrganisation, DateTimeOffset, IResult> run)
    {
        if (Organisation is not { } organisation)
        {
            return Results.Json(
                new ControlProblem("dataCentre", "There is no Zoho Finance there, or no such organisation."),
                statusCode: StatusCodes.Status404NotFound);
        }

        lock (organisation.Gate)
        {
            return run(organisation, FinanceTime.Whole(Services.Clock.GetUtcNow()));
        }
    }

    /// <summary>The same with the entity of the address.</summary>
    public IResult Run(string entity, Func<FinanceOrganisation, FinanceTable, DateTimeOffset, IResult> run) => Run((organisation, now) =>
        FinanceEntities.Find(entity) is { } found
            ? run(organisation, organisation.Table(found), now)
            : Results.Json(new ControlProblem("entity", $"There is no {entity}."), statusCode: StatusCodes.Status404NotFound));
}
