using ZohoPlatform.Simulator.Tests.Finance;

namespace ZohoPlatform.Simulator.Tests.World;

/// <summary>What the demo organisations have in Books, Inventory and Invoice where they are said to have something.</summary>
public sealed class DemoFinanceTests
{
    private static readonly string[] Filled = ["contacts", "items", "invoices", "salesorders"];

    [Fact]
    public async Task The_demo_organisation_of_every_data_centre_is_empty_and_with_data_has_a_handful_of_rows()
    {
        using var empty = new SimulatorHost();
        using var filled = new SimulatorHost(("Simulator:Demo:FinanceData", "true"));
        foreach (var dataCentre in (string[])["us", "eu", "jp"])
        {
            foreach (var (zoho, isFilled) in new[] { (empty, false), (filled, true) })
            {
                var finance = await FinanceCaller.OfAsync(zoho, dataCentre: dataCentre);
                var organisation = Assert.Single((await finance.GetAsync("books/v3/organizations")).Rows("organizations"));
                var own = finance.Of(organisation.GetProperty("organization_id").GetString());
                foreach (var entity in Filled)
                {
                    Assert.Equal(isFilled, (await own.GetAsync($"inventory/v1/{entity}")).Rows(entity).Count > 2);
                }
            }
        }
    }

    [Fact]
    public async Task After_a_reset_the_same_rows_are_there_and_no_id_is_given_twice()
    {
        using var zoho = new SimulatorHost(("Simulator:Demo:FinanceData", "true"));
        var (rows, given) = (new List<string>(), new List<string>());
        for (var i = 0; i < 2; i++)
        {
            await zoho.ControlAsync(HttpMethod.Post, "reset");
            var finance = await FinanceCaller.OfAsync(zoho);
            rows.Add(string.Join(' ', (await finance.GetAsync("books/v3/invoices")).Rows("invoices").Select(row => row.GetProperty("invoice_id").GetString())));
            given.Add(await finance.AddCustomerAsync("Later"));
        }

        Assert.Equal(rows[0], rows[1]);
        Assert.NotEqual(given[0], given[1]);
    }
}
