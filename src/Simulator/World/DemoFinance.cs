using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Finance;
using ZohoPlatform.Simulator.Hosts;

namespace ZohoPlatform.Simulator.World;

/// <summary>
/// What the demo organisations have in Books, Inventory and Invoice where <c>Simulator:Demo:FinanceData</c> is on: some contacts, items,
/// invoices and sales orders, written as a caller would.
/// </summary>
internal sealed class DemoFinance(IOptions<SimulatorOptions> options, TimeProvider clock)
{
    private static readonly string[] Customers = ["Sample Bakery", "Placeholder Bikes", "Specimen Garden"];

    private static readonly (string Name, string Sku, decimal Rate)[] Items =
        [("Flour, 25 kg", "DEMO-1", 18.50m), ("Bicycle bell", "DEMO-2", 7.25m), ("Watering can", "DEMO-3", 12m), ("Delivery", "DEMO-4", 5m)];

    /// <summary>Fills an organisation that was just made, where it is a demo organisation's own.</summary>
    public void Fill(FinanceOrganisation organisation, ZohoOrganisation account)
    {
        if (!options.Value.Demo.FinanceData || account.Id != DemoWorld.OrganisationOf(DataCentre.Find(account.DataCentre)!).Id)
        {
            return;
        }

        var lastWeek = FinanceTime.Whole(clock.GetUtcNow()).AddDays(-7);
        var day = organisation.Write(lastWeek)[..10];
        string[] customers = [.. Customers.Select((name, i) => Add(FinanceEntities.Contacts, new()
        {
            ["contact_name"] = name,
            ["company_name"] = name,
            ["contact_persons"] = new JsonArray(new JsonObject
            {
                ["first_name"] = "Nora",
                ["last_name"] = "Sample",
                ["email"] = $"office{i + 1}@example.com",
                ["phone"] = $"+1 202-555-015{i}",
                ["is_primary_contact"] = true,
            }),
        }))];
        Add(FinanceEntities.Contacts, new() { ["contact_name"] = "Dummy Supplies", ["contact_type"] = "vendor" });
        string[] items = [.. Items.Select(item =>
            Add(FinanceEntities.Items, new() { ["name"] = item.Name, ["sku"] = item.Sku, ["rate"] = item.Rate }))];
        for (var i = 0; i < customers.Length; i++)
        {
            foreach (var entity in new[] { FinanceEntities.SalesOrders, FinanceEntities.Invoices })
            {
                Add(entity, new()
                {
                    ["customer_id"] = customers[i],
                    ["date"] = day,
                    ["reference_number"] = $"DEMO {i + 1}",
                    ["line_items"] = new JsonArray(
                        new JsonObject { ["item_id"] = items[i], ["quantity"] = i + 2 }, new JsonObject { ["item_id"] = items[^1], ["quantity"] = 1 }),
                });
            }
        }

        string Add(FinanceEntity entity, JsonObject body)
        {
            var books = FinanceProduct.All[0];
            var create = FinanceOperation.Find(books, "POST", books.Path + entity.Name).Operation!;
            var answer = create.Run(new(
                organisation, books, create, new QueryCollection(), new HeaderDictionary(), body, lastWeek, new()));
            return answer.Body[entity.Single]![entity.IdField]!.ToString();
        }
    }
}
