using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Tests.Zoho;

public sealed class CampaignsCodesTests
{
    /// <summary>Every number of Zoho Campaigns' page "Error codes" and of its methods' pages.</summary>
    public static TheoryData<int, CampaignsCodeClass, string> Documented => new()
    {
        { 0, CampaignsCodeClass.Done, "done" },
        { 200, CampaignsCodeClass.Done, "done" },
        { 400, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 401, CampaignsCodeClass.Auth, "zoho_token_refused" },
        { 404, CampaignsCodeClass.BadRequest, "method_unknown" },
        { 500, CampaignsCodeClass.Retry, "zoho_busy" },
        { 901, CampaignsCodeClass.Auth, "zoho_account_inactive" },
        { 902, CampaignsCodeClass.Auth, "zoho_account_missing" },
        { 903, CampaignsCodeClass.BadRequest, "mandatory_field_missing" },
        { 910, CampaignsCodeClass.Empty, "nothing_found" },
        { 914, CampaignsCodeClass.PlanLimit, "zoho_plan_limit" },
        { 916, CampaignsCodeClass.Configuration, "name_taken" },
        { 991, CampaignsCodeClass.Empty, "nothing_found" },
        { 992, CampaignsCodeClass.Empty, "nothing_found" },
        { 993, CampaignsCodeClass.Empty, "nothing_found" },
        { 994, CampaignsCodeClass.Empty, "nothing_found" },
        { 995, CampaignsCodeClass.Empty, "nothing_found" },
        { 996, CampaignsCodeClass.Retry, "zoho_busy" },
        { 1001, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 1002, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 1003, CampaignsCodeClass.BadRequest, "mandatory_field_missing" },
        { 1004, CampaignsCodeClass.BadRequest, "method_unknown" },
        { 1005, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 1006, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 1007, CampaignsCodeClass.Auth, "zoho_token_refused" },
        { 2001, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2002, CampaignsCodeClass.Configuration, "list_not_found" },
        { 2003, CampaignsCodeClass.AlreadyDone, "contact_exists" },
        { 2004, CampaignsCodeClass.BadContact, "invalid_email" },
        { 2005, CampaignsCodeClass.BadContact, "role_address" },
        { 2006, CampaignsCodeClass.Suppressed, "do_not_mail" },
        { 2007, CampaignsCodeClass.BadRequest, "request_not_understood" },
        { 2008, CampaignsCodeClass.Locked, "quota_locked" },
        { 2020, CampaignsCodeClass.Configuration, "coupon_not_set_up" },
        { 2021, CampaignsCodeClass.Configuration, "coupon_not_set_up" },
        { 2101, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2102, CampaignsCodeClass.Configuration, "list_not_found" },
        { 2103, CampaignsCodeClass.BadContact, "contact_not_found" },
        { 2104, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2201, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2202, CampaignsCodeClass.Configuration, "list_not_found" },
        { 2203, CampaignsCodeClass.Configuration, "list_deleted" },
        { 2204, CampaignsCodeClass.Empty, "nothing_found" },
        { 2205, CampaignsCodeClass.Configuration, "name_taken" },
        { 2206, CampaignsCodeClass.Configuration, "list_deleted" },
        { 2301, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2302, CampaignsCodeClass.PlanLimit, "zoho_plan_limit" },
        { 2401, CampaignsCodeClass.Configuration, "list_not_found" },
        { 2402, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2501, CampaignsCodeClass.Configuration, "list_not_found" },
        { 2502, CampaignsCodeClass.Retry, "zoho_busy" },
        { 2601, CampaignsCodeClass.Configuration, "segment_not_found" },
        { 2602, CampaignsCodeClass.Configuration, "segment_not_found" },
        { 2603, CampaignsCodeClass.Configuration, "segment_not_found" },
        { 2604, CampaignsCodeClass.Configuration, "segment_not_found" },
        { 2701, CampaignsCodeClass.Configuration, "no_privilege" },
        { 2704, CampaignsCodeClass.Configuration, "no_privilege" },
        { 2706, CampaignsCodeClass.Configuration, "no_privilege" },
        { 2707, CampaignsCodeClass.Retry, "zoho_busy" },
        { 3001, CampaignsCodeClass.Configuration, "campaign_not_found" },
        { 3023, CampaignsCodeClass.Done, "done" },
        { 6001, CampaignsCodeClass.Retry, "zoho_busy" },
        { 6002, CampaignsCodeClass.Configuration, "campaign_not_found" },
        { 6101, CampaignsCodeClass.Empty, "nothing_found" },
        { 6201, CampaignsCodeClass.Done, "done" },
        { 6301, CampaignsCodeClass.Configuration, "campaign_not_found" },
        { 6302, CampaignsCodeClass.Empty, "nothing_found" },
        { 6303, CampaignsCodeClass.Empty, "nothing_found" },
        { 6304, CampaignsCodeClass.Configuration, "no_privilege" },
        { 6305, CampaignsCodeClass.Empty, "nothing_found" },
        { 6306, CampaignsCodeClass.Empty, "nothing_found" },
        { 6307, CampaignsCodeClass.Empty, "nothing_found" },
        { 6501, CampaignsCodeClass.Empty, "nothing_found" },
        { 6502, CampaignsCodeClass.BadRequest, "too_many_entries" },
        { 6503, CampaignsCodeClass.Configuration, "campaign_deleted" },
        { 6600, CampaignsCodeClass.AlreadyDone, "campaign_already_sent" },
        { 6601, CampaignsCodeClass.Configuration, "no_privilege" },
        { 6603, CampaignsCodeClass.Configuration, "coupon_not_set_up" },
        { 6604, CampaignsCodeClass.Configuration, "coupon_not_set_up" },
        { 6605, CampaignsCodeClass.Configuration, "campaign_changed" },
        { 6606, CampaignsCodeClass.Configuration, "campaign_without_list" },
        { 6607, CampaignsCodeClass.Configuration, "campaign_without_content" },
        { 6608, CampaignsCodeClass.Configuration, "campaign_deleted" },
        { 6609, CampaignsCodeClass.Retry, "zoho_busy" },
        { 6610, CampaignsCodeClass.Retry, "zoho_busy" },
        { 6611, CampaignsCodeClass.Configuration, "campaign_not_reviewed" },
        { 7001, CampaignsCodeClass.Retry, "zoho_busy" },
        { 7002, CampaignsCodeClass.Retry, "zoho_busy" },
        { 7003, CampaignsCodeClass.Retry, "zoho_busy" },
        { 9001, CampaignsCodeClass.Configuration, "tag_not_found" },
    };

    [Theory]
    [MemberData(nameof(Documented))]
    public void Every_documented_code_has_its_class(int number, CampaignsCodeClass expected, string failureCode)
    {
        var found = CampaignsCodes.Find(number, CampaignsMethods.ContactFields, "");

        Assert.Equal((expected, failureCode), (found.Class, found.FailureCode));
        Assert.Matches("^[a-z_]+$", found.FailureCode);
        Assert.EndsWith(".", found.Message, StringComparison.Ordinal);
        Assert.Equal(expected, CampaignsCodes.ClassOf(failureCode));
    }

    [Fact]
    public void Nothing_undocumented_is_in_the_table() =>
        Assert.Equal(
            Documented.Select(row => (int)((object[])row)[0]),
            Enumerable.Range(-1, 10_001).Where(number => CampaignsCodes.IsDocumented(number)));

    [Fact]
    public void An_undocumented_code_is_tried_again()
    {
        var found = CampaignsCodes.Find(4711, CampaignsMethods.Subscribe, "");

        Assert.Equal((CampaignsCodeClass.Retry, "zoho_code_unknown"), (found.Class, found.FailureCode));
        Assert.Contains("4711", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(1001)]
    [InlineData(1005)]
    [InlineData(2007)]
    public void What_does_not_fit_of_one_who_is_added_is_that_contacts(int number)
    {
        var found = CampaignsCodes.Find(number, CampaignsMethods.Subscribe, "");
        Assert.Equal((CampaignsCodeClass.BadContact, "contact_data_refused"), (found.Class, found.FailureCode));
        // who leaves is an address, and nothing else that could be wrong
        Assert.All(
            CampaignsMethods.All.Except([CampaignsMethods.Subscribe]),
            method => Assert.Equal(CampaignsCodeClass.BadRequest, CampaignsCodes.Find(number, method, "").Class));
        Assert.Equal(CampaignsCodeClass.BadContact, CampaignsCodes.ClassOf("contact_data_refused"));
    }

    [Theory]
    [InlineData(2401)]
    [InlineData(2502)]
    public void No_lists_are_an_answer_and_not_an_error(int number) =>
        Assert.Equal(CampaignsCodeClass.Empty, CampaignsCodes.Find(number, CampaignsMethods.MailingLists, "").Class);

    [Fact]
    public void The_end_of_the_pages_is_the_end_only_where_there_are_pages()
    {
        CampaignsMethod[] listings =
            [CampaignsMethods.MailingLists, CampaignsMethods.Subscribers, CampaignsMethods.RecentCampaigns, CampaignsMethods.Recipients];

        Assert.All(listings, method => Assert.Equal(CampaignsCodeClass.Empty, CampaignsCodes.Find(2502, method, "").Class));
        Assert.All(
            CampaignsMethods.All.Except(listings).Where(method => method != CampaignsMethods.SubscribersCount),
            method => Assert.Equal(CampaignsCodeClass.Retry, CampaignsCodes.Find(2502, method, "").Class));
    }

    [Fact]
    public void A_list_without_contacts_is_not_a_deleted_one()
    {
        Assert.Equal(CampaignsCodeClass.Empty, CampaignsCodes.Find(2203, CampaignsMethods.Subscribers, "").Class);
        Assert.Equal("list_deleted", CampaignsCodes.Find(2203, CampaignsMethods.BulkAdd, "").FailureCode);
    }

    [Fact]
    public void Who_is_on_do_not_mail_already_is_there() =>
        Assert.Equal(CampaignsCodeClass.AlreadyDone, CampaignsCodes.Find(2006, CampaignsMethods.DoNotMail, "").Class);

    [Fact]
    public void A_contact_that_exists_already_is_there_by_whichever_number_zoho_says_so()
    {
        const string Exists = "This email address already exists in this list.";

        Assert.Equal("contact_exists", CampaignsCodes.Find(1006, CampaignsMethods.Subscribe, Exists).FailureCode);
        Assert.Equal("request_not_understood", CampaignsCodes.Find(1006, CampaignsMethods.Subscribe, "Multiple key entries are not supported.").FailureCode);
        Assert.Equal("request_not_understood", CampaignsCodes.Find(1006, CampaignsMethods.CreateList, Exists).FailureCode);
    }

    [Theory]
    [InlineData("A list with this name exists.", "name_taken")]
    [InlineData("Contact limit reached.", "zoho_plan_limit")]
    public void A_new_list_is_refused_for_its_name_or_for_the_plan(string message, string code) =>
        Assert.Equal(code, CampaignsCodes.Find(2302, CampaignsMethods.CreateList, message).FailureCode);

    [Fact]
    public void Every_method_has_a_quota_of_its_own_and_only_what_creates_is_not_repeated()
    {
        Assert.Distinct(CampaignsMethods.All.Select(method => method.Quota.Name));
        Assert.Equal([CampaignsMethods.CreateList], CampaignsMethods.All.Where(method => !method.Repeatable));
        var bulk = CampaignsMethods.BulkAdd.Quota;
        Assert.Equal(
            (TimeSpan.FromMinutes(10), 2000, TimeSpan.FromMinutes(1)),
            (bulk.LockPeriod, bulk.Limits[0].Calls, bulk.Limits[0].Window));
    }

    [Theory]
    [InlineData(2004, FailureKind.Invalid)]
    [InlineData(2006, FailureKind.Conflict)]
    [InlineData(2002, FailureKind.NotFound)]
    [InlineData(2103, FailureKind.NotFound)]
    [InlineData(2203, FailureKind.NotFound)]
    [InlineData(6002, FailureKind.NotFound)]
    [InlineData(6608, FailureKind.NotFound)]
    [InlineData(914, FailureKind.Precondition)]
    [InlineData(1007, FailureKind.Precondition)]
    [InlineData(2101, FailureKind.Unavailable)]
    [InlineData(1004, FailureKind.Invalid)]
    public void A_class_decides_what_a_caller_is_told(int number, FailureKind kind)
    {
        var found = CampaignsCodes.Find(number, CampaignsMethods.Subscribe, "");
        var failure = found.ToFailure();

        Assert.Equal(kind, failure.Kind);
        Assert.Equal(found.Class, failure.CampaignsClass);
    }

    [Theory]
    [InlineData(FailureKind.Precondition, "grant_revoked", CampaignsCodeClass.Configuration)]
    [InlineData(FailureKind.NotFound, "connection_not_found", CampaignsCodeClass.Configuration)]
    [InlineData(FailureKind.RateLimited, "refresh_budget_spent", CampaignsCodeClass.Retry)]
    [InlineData(FailureKind.Unavailable, "service_unavailable", CampaignsCodeClass.Retry)]
    [InlineData(FailureKind.Forbidden, "role_missing", CampaignsCodeClass.Auth)]
    [InlineData(FailureKind.Invalid, "invalid_field", CampaignsCodeClass.BadRequest)]
    public void A_failure_from_elsewhere_has_a_class_too(FailureKind kind, string code, CampaignsCodeClass expected)
    {
        var failure = new Failure(kind, code, "Something happened.");

        Assert.Equal(expected, failure.CampaignsClass);
        Assert.False(failure.IsAnswerOfCampaigns);
    }

    [Fact]
    public void A_lock_is_not_an_answer_about_the_contact() =>
        Assert.False(new Failure(FailureKind.RateLimited, "quota_locked", "Locked.").IsAnswerOfCampaigns);
}
